// Text with Telegram's entities → DOM nodes; never through innerHTML.

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span", mention: "span",
};

export function richText(text, entities = [], onCommand = () => {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nodes(text, 0, text.length, sorted, onCommand);
}

function nodes(text, start, end, entities, onCommand) {
  const fragment = document.createDocumentFragment();
  let at = start;
  let rest = entities;
  while (rest.length) {
    const [entity, ...others] = rest;
    const stop = Math.min(entity.offset + entity.length, end);
    const inside = others.filter((one) => one.offset < stop);
    rest = others.filter((one) => one.offset >= stop);
    fragment.append(text.slice(at, entity.offset), element(entity, text.slice(entity.offset, stop), nodes(text, entity.offset, stop, inside, onCommand), onCommand));
    at = stop;
  }
  fragment.append(text.slice(at, end));
  return fragment;
}

function element(entity, text, content, onCommand) {
  if (entity.type === "bot_command") {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "command" });
    button.onclick = () => onCommand(text);
    button.append(content);
    return button;
  }
  const url = entity.type === "text_link" ? entity.url : entity.type === "url" ? text : "";
  if (/^https?:/i.test(url)) {
    const link = Object.assign(document.createElement("a"), { href: url, target: "_blank", rel: "noreferrer noopener" });
    link.append(content);
    return link;
  }
  const tag = document.createElement(TAGS[entity.type] ?? "span");
  if (entity.type === "spoiler") {
    tag.className = "spoiler";
    tag.tabIndex = 0;
    tag.onclick = tag.onkeydown = () => tag.classList.add("seen");
  }
  tag.append(content);
  return tag;
}
