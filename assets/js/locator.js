// [data-locator]: where in the evidence. Only what fits the chosen place is shown, with the file beside it: the
// paragraph, the page's picture to mark a part of, the recording to take a time from. Everything ends up in the form's
// own fields, which also work without this. a[data-seek="80,125"][data-file]: plays the page's recording from there.
const EDGES = ["left", "top", "width", "height"];
const EXACT = ["page", "start", "end", ...EDGES];
const SVG = "http://www.w3.org/2000/svg";
const FIRST = { left: 25, top: 25, width: 50, height: 50 };

export function startLocator(root) {
  root.querySelectorAll("[data-locator]").forEach((box) => {
    if (!box.locator) box.locator = new Locator(box);
  });
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

function button(text, more, press) {
  const label = element("span", { class: "govuk-visually-hidden" }, more);
  const made = element("button", { type: "button", class: "govuk-button govuk-button--secondary govuk-button--small" }, text, label);
  made.addEventListener("click", press);
  return made;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

class Locator {
  constructor(box) {
    this.box = box;
    this.select = box.querySelector("select");
    this.exact = box.querySelector(".locator__exact");
    this.fields = {};
    EXACT.forEach((name) => (this.fields[name] = box.querySelector(`input[name$="-${name}"]`)));
    this.remembered = new Map();
    this.place = this.select.value;
    box.classList.add("locator--live");
    if (this.exact) {
      this.exact.querySelector("summary").hidden = true;
      this.exact.open = true;
    }
    box.addEventListener("input", (event) => this.typed(event.target));
    EDGES.forEach((name) => this.fields[name]?.addEventListener("keydown", (event) => this.stepped(event, name)));
    this.show();
  }

  typed(field) {
    if (field === this.select) this.moved();
    if (field === this.select || field === this.fields.page) this.show();
    else this.draw();
  }

  // What was given for one file makes no sense in another; going back to it brings it back.
  moved() {
    this.remembered.set(this.place, this.values());
    this.place = this.select.value;
    this.fill(this.remembered.get(this.place) || {});
  }

  values() {
    return Object.fromEntries(EXACT.map((name) => [name, this.fields[name]?.value || ""]));
  }

  fill(values, names = EXACT) {
    const changed = names.filter((name) => this.fields[name] && this.fields[name].value !== String(values[name] ?? ""));
    changed.forEach((name) => (this.fields[name].value = values[name] ?? ""));
    changed.forEach((name) => this.fields[name].dispatchEvent(new Event("input", { bubbles: true })));
  }

  show() {
    const { media = "", pages = "0", name = "" } = this.select.selectedOptions[0]?.dataset || {};
    const groups = {
      pages: Number(pages) > 1,
      time: media === "audio" || media === "video",
      region: media === "image" || Number(pages) > 0,
    };
    Object.entries(groups).forEach(([group, fits]) => {
      const part = this.box.querySelector(`[data-locator-for="${group}"]`);
      if (part) part.hidden = !fits;
    });
    if (this.exact) this.exact.hidden = !Object.values(groups).some(Boolean);
    const hint = this.box.querySelector('[data-locator-for="pages"] .govuk-hint');
    if (hint && groups.pages) hint.textContent = `${name} has ${pages} pages.`;
    this.quote();
    if (groups.time) this.play(media);
    else this.player?.pause();
    if (groups.region) this.picture();
  }

  quote() {
    const shown = this.box.querySelector("[data-locator-text]");
    const number = this.select.value.startsWith("p") ? Number(this.select.value.slice(1)) : 0;
    const text = document.querySelectorAll(this.box.dataset.locatorSource || "#your-text li")[number - 1]?.querySelector("p");
    shown.hidden = !text;
    shown.textContent = text ? text.textContent.trim() : "";
  }

  play(media) {
    const source = this.select.selectedOptions[0].dataset;
    if (this.player?.getAttribute("src") === source.src) return;
    this.player?.remove();
    this.player = element(media, { controls: "", preload: "metadata", src: source.src, "aria-label": source.name, class: "locator__player" });
    const group = this.box.querySelector('[data-locator-for="time"]');
    group.prepend(this.player);
    if (group.querySelector("button")) return;
    for (const [name, as] of [["start", " as the start"], ["end", " as the end"]]) {
      const take = button("Use the current time", as, () => this.fill({ [name]: clock(this.player.currentTime) }, [name]));
      this.fields[name].after(take);
    }
  }

  picture() {
    const { src, pageSrc, pages } = this.select.selectedOptions[0].dataset;
    const page = Number(pages) === 1 ? 1 : Number(this.fields.page?.value);
    const seen = pageSrc ? (page >= 1 && page <= Number(pages) ? pageSrc.replace(/\/0\//, `/${page}/`) : "") : src;
    if (!this.frame) this.build();
    this.frame.hidden = this.tools.hidden = !seen;
    if (seen && this.image.getAttribute("src") !== seen) {
      this.image.setAttribute("src", seen);
      this.ready(false);
    }
    this.image.alt = pageSrc ? `Page ${page}` : "The picture";
    this.draw();
  }

  build() {
    this.image = element("img", { alt: "", draggable: "false" });
    this.over = document.createElementNS(SVG, "svg");
    Object.entries({ class: "marked__over", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" })
      .forEach(([key, value]) => this.over.setAttribute(key, value));
    this.edge = document.createElementNS(SVG, "rect");
    this.edge.setAttribute("class", "marked__edge");
    this.shade = document.createElementNS(SVG, "path");
    this.shade.setAttribute("class", "marked__shade");
    this.shade.setAttribute("fill-rule", "evenodd");
    this.over.append(this.shade, this.edge);
    this.frame = element("div", { class: "marked locator__picture" }, this.image, this.over);
    this.begin = button("Mark a part", " of the picture", () => this.ready(!this.drawing));
    this.box.querySelector('[data-locator-for="region"] .govuk-hint').textContent =
      "Draw a box over the part that shows it. Or give four numbers, in percent of the picture.";
    this.said = element("p", { class: "soft locator__said", role: "status" });
    const clear = button("Clear the mark", "", () => this.clear());
    this.tools = element("div", { class: "locator__tools" }, this.begin, clear, this.said);
    this.box.querySelector(".locator__edges").before(this.tools, this.frame);
    this.image.addEventListener("error", () => (this.frame.hidden = this.tools.hidden = true));
    this.frame.addEventListener("pointerdown", (event) => this.pressed(event));
    this.frame.addEventListener("pointermove", (event) => this.from && this.dragged(event));
    this.frame.addEventListener("pointerup", (event) => this.from && this.let(event));
    this.frame.addEventListener("pointercancel", () => this.stop());
  }

  // A finger scrolls the page until "Mark a part" is pressed; a mouse or pen draws at once.
  ready(drawing) {
    this.drawing = drawing;
    this.begin.setAttribute("aria-pressed", String(drawing));
    this.frame.classList.toggle("locator__picture--drawing", drawing);
    this.said.textContent = drawing ? "Now draw the box." : "";
  }

  at(event) {
    const frame = this.frame.getBoundingClientRect();
    const share = (place, start, size) => Math.round(Math.min(100, Math.max(0, ((place - start) / size) * 100)));
    return [share(event.clientX, frame.left, frame.width), share(event.clientY, frame.top, frame.height)];
  }

  pressed(event) {
    if ((event.pointerType === "touch" && !this.drawing) || event.button) return;
    event.preventDefault();
    this.frame.setPointerCapture(event.pointerId);
    this.from = this.at(event);
  }

  boxOf(event) {
    const [x, y] = this.at(event);
    const [left, top] = [Math.min(x, this.from[0]), Math.min(y, this.from[1])];
    return { left, top, width: Math.max(x, this.from[0]) - left, height: Math.max(y, this.from[1]) - top };
  }

  dragged(event) {
    this.outline(this.boxOf(event));
  }

  let(event) {
    const drawn = this.boxOf(event);
    this.stop();
    if (drawn.width < 2 || drawn.height < 2) return;
    this.fill(drawn, EDGES);
    this.ready(false);
    this.said.textContent = "Marked. You can draw it again.";
  }

  stop() {
    this.from = null;
    this.draw();
  }

  clear() {
    this.fill({}, EDGES);
    this.ready(false);
    this.said.textContent = "The mark is gone.";
  }

  // Up and down move an edge by 1, with Shift by 10. The first press draws a box in the middle.
  stepped(event, name) {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const now = Object.fromEntries(EDGES.map((edge) => [edge, Number.parseInt(this.fields[edge].value, 10)]));
    if (Object.values(now).some(Number.isNaN)) return this.fill(FIRST, EDGES);
    const pair = { left: "width", top: "height", width: "left", height: "top" }[name];
    const least = name === "width" || name === "height" ? 1 : 0;
    const moved = Math.min(100 - now[pair], Math.max(least, now[name] + way * (event.shiftKey ? 10 : 1)));
    return this.fill({ [name]: moved }, [name]);
  }

  draw() {
    if (!this.edge) return;
    const region = Object.fromEntries(EDGES.map((name) => [name, Number.parseInt(this.fields[name].value, 10)]));
    this.outline(region);
  }

  outline({ left, top, width, height }) {
    const whole = [left, top, width, height].every((n) => n >= 0 && n <= 100) && width > 0 && height > 0;
    this.over.toggleAttribute("hidden", !whole);
    if (!whole) return;
    Object.entries({ x: left, y: top, width, height }).forEach(([key, value]) => this.edge.setAttribute(key, value));
    this.shade.setAttribute("d", `M0 0H100V100H0Z M${left} ${top}h${width}v${height}h-${width}Z`);
  }
}

export function startSeek() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-seek]");
    const player = link && playerOf(link.dataset.file);
    if (!player || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [start, end] = link.dataset.seek.split(",").map(Number);
    const stop = () => {
      if (end && player.currentTime >= end) {
        player.pause();
        player.removeEventListener("timeupdate", stop);
      }
    };
    player.currentTime = start;
    player.addEventListener("timeupdate", stop);
    player.scrollIntoView({ block: "center" });
    player.focus();
    player.play().catch(() => {});
  });
}

function playerOf(ref) {
  return [...document.querySelectorAll("audio, video")].find((player) =>
    [player, ...player.querySelectorAll("source")].some((source) => (source.getAttribute("src") || "").includes(ref)),
  );
}
