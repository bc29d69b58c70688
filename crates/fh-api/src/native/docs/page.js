"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** A schema as people read it: names and types, references followed once. */
function shape(schema, all, seen = []) {
  if (!schema) return "any";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return seen.includes(name) ? name : shape(all[name], all, [...seen, name]);
  }
  const either = schema.oneOf || schema.anyOf;
  if (either) {
    const parts = either.filter((part) => part.type !== "null").map((part) => shape(part, all, seen));
    return parts.length === 1 ? parts[0] : parts;
  }
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => shape(part, all, seen)));
  if (schema.enum) return schema.enum.join(" | ");
  const type = [].concat(schema.type || "any").filter((one) => one !== "null").join(" | ");
  if (type === "array") return [shape(schema.items, all, seen)];
  if (type === "object" && schema.properties) {
    const required = schema.required || [];
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, value]) => [
        required.includes(name) ? name : `${name}?`,
        shape(value, all, seen),
      ]),
    );
  }
  return schema.format ? `${type} (${schema.format})` : type;
}

function content(title, body, all) {
  if (!body || !body.content) return [];
  return Object.entries(body.content).map(([type, { schema }]) => {
    const text = JSON.stringify(shape(schema, all), null, 2);
    return element("div", "", element("p", `${title}: ${type}`), element("pre", text));
  });
}

function operation(path, method, details, all) {
  const made = element("details");
  const title = element("summary", "", element("b", method), element("code", path));
  if (details.summary) title.append(` ${details.summary}`);
  made.append(title);
  if (details.description) made.append(element("p", details.description));
  if (details.parameters && details.parameters.length) {
    const rows = details.parameters.map((parameter) =>
      element(
        "tr",
        "",
        element("td", "", element("code", parameter.name)),
        element("td", `${parameter.in}${parameter.required ? ", required" : ""}`),
        element("td", parameter.description || ""),
      ),
    );
    made.append(element("table", "", ...rows));
  }
  made.append(...content("Request", details.requestBody, all));
  for (const [status, answer] of Object.entries(details.responses)) {
    if (status < "300") made.append(...content(`Answer ${status}`, answer, all));
  }
  return made;
}

async function show() {
  const answer = await fetch("/v1/openapi.json");
  const document_ = await answer.json();
  const all = (document_.components && document_.components.schemas) || {};
  const byTag = new Map();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const method of METHODS.filter((one) => methods[one])) {
      const details = methods[method];
      const tag = (details.tags || ["other"])[0];
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operation(path, method, details, all));
    }
  }
  const main = document.getElementById("operations");
  for (const [tag, operations] of byTag) {
    main.append(element("section", "", element("h2", tag), ...operations));
  }
  document.getElementById("about").textContent = document_.info.description;
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const one of main.querySelectorAll("details")) {
      one.hidden = !one.textContent.toLowerCase().includes(wanted);
    }
  });
}

show().catch((error) => {
  document.getElementById("about").textContent = `The list could not be read: ${error.message}`;
});
