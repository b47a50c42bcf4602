# One image for everything: `run` on one machine, `bot` and `worker` on several.
#   docker build --target cpu -t breedbot .          200 MB of packages; the last stage, so also the default
#   docker build --target gpu -t breedbot:gpu .      with TensorFlow and CUDA: some GB
# It runs with a read-only root: --read-only --tmpfs /tmp -v breedbot:/data. deploy/ has compose files and Kubernetes.
# What it is made of is said by labels: --build-arg REVISION=$(git rev-parse HEAD)
# Pin the base by its digest where builds must be the same: --build-arg BASE=python:3.12-slim-bookworm@sha256:…
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/breedbot \
    && /opt/breedbot/bin/pip install --require-hashes -r requirements/build.txt \
    && /opt/breedbot/bin/pip install --require-hashes --no-build-isolation -r requirements/run.txt
COPY pyproject.toml PACKAGE.md LICENSE ./
COPY core core
COPY db db
COPY inference inference
COPY training training
COPY sandbox sandbox
COPY bot bot
COPY breedbot breedbot
RUN /opt/breedbot/bin/pip install --no-deps --no-build-isolation .

FROM build AS build-gpu
RUN /opt/breedbot/bin/pip install --require-hashes --no-build-isolation -r requirements/gpu.txt

FROM ${BASE} AS base
ARG VERSION=0.1.0
ARG REVISION
LABEL org.opencontainers.image.title=breedbot \
    org.opencontainers.image.description="Names a dog's breed from a photo, on Telegram and over HTTP, and learns from its users" \
    org.opencontainers.image.licenses=MIT \
    org.opencontainers.image.vendor="The breedbot authors" \
    org.opencontainers.image.version=$VERSION \
    org.opencontainers.image.revision=$REVISION
RUN groupadd --system --gid 10001 breedbot \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin breedbot
USER 10001:10001
WORKDIR /data
ENV PATH=/opt/breedbot/bin:$PATH \
    HOME=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BREEDBOT_DATA_DIR=/data \
    BREEDBOT_HTTP_HOST=0.0.0.0 \
    BREEDBOT_HTTP_PORT=8081
VOLUME /data
EXPOSE 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['BREEDBOT_HTTP_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["breedbot"]
CMD ["run"]

FROM base AS gpu
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=build-gpu /opt/breedbot /opt/breedbot

FROM base AS cpu
COPY --from=build /opt/breedbot /opt/breedbot
