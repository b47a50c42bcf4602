# breedbot for a CPU: everything in one process.   docker build -t breedbot . && docker run -v breedbot:/data -e BREEDBOT_TELEGRAM_TOKEN=… breedbot
FROM python:3.12-slim AS build
COPY requirements /src/requirements
RUN python -m venv /opt/breedbot \
    && /opt/breedbot/bin/pip install --no-cache-dir --require-hashes -r /src/requirements/build.txt \
    && /opt/breedbot/bin/pip install --no-cache-dir --require-hashes -r /src/requirements/run.txt
COPY . /src
RUN /opt/breedbot/bin/pip install --no-cache-dir --no-deps --no-build-isolation /src

FROM python:3.12-slim
COPY --from=build /opt/breedbot /opt/breedbot
RUN useradd --system --create-home --home-dir /data breedbot
USER breedbot
WORKDIR /data
ENV PATH=/opt/breedbot/bin:$PATH BREEDBOT_DATA_DIR=/data BREEDBOT_HTTP_HOST=0.0.0.0 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8081/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["breedbot"]
CMD ["run"]
