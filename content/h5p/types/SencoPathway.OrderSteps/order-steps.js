/* Order the steps: steps to put in order, by buttons, keyboard or pointer, and why each comes where it comes. */
var SencoPathway = window.SencoPathway = window.SencoPathway || {};

SencoPathway.OrderSteps = (function () {
  "use strict";
  //= shared.js

  let count = 0; // two on one page: ids of their own

  function OrderSteps(params, contentId, extras) {
    begin(this, contentId, extras);
    count += 1;
    this.number = count;
    this.params = params;
    this.behaviour = params.behaviour || {};
    this.words = Object.assign({}, WORDS, params.words);
    this.steps = (params.steps || []).filter(function (step) { return step && step.text; });
    const self = this;
    this.parts = idsOf(this.steps.map(function (step) { return plain(step.text); }))
      .map(function (id) { return new Part(self, id); });
    this.order = shuffled(this.steps.length);
    this.isChecked = false;
    this.isSolved = false;
    this.restore(this.extras.previousState);
  }

  OrderSteps.prototype = Object.create(H5P.EventDispatcher.prototype);
  OrderSteps.prototype.constructor = OrderSteps;

  OrderSteps.prototype.restore = function (state) {
    if (!state || !isOrderOf(state.order, this.steps.length)) return;
    this.order = state.order.slice();
    this.isChecked = Boolean(state.checked);
    this.isTouched = true;
    this.isMoved = Boolean(state.moved);
  };

  OrderSteps.prototype.attach = function ($container) {
    this.root = make("div", { class: "sp sp-order" });
    const container = $container.get ? $container.get(0) : $container;
    container.classList.add("senco-order-steps");
    container.appendChild(this.root);
    this.draw();
    this.setActivityStarted();
  };

  OrderSteps.prototype.draw = function () {
    const self = this;
    const isOver = this.isChecked || this.isSolved;
    this.root.textContent = "";
    if (this.steps.length < 2) {
      this.root.appendChild(make("p", { text: plain(this.words.empty) }));
      return;
    }
    const id = "sp-order-" + this.number;
    this.task = make("div", { class: "sp-prose sp-task", id: id });
    this.task.appendChild(rich(this.params.task));
    this.root.appendChild(this.task);
    if (!isOver) this.root.appendChild(make("p", { class: "sp-hint", text: plain(this.words.how) }));
    const shown = this.isSolved ? this.order.slice().sort(function (a, b) { return a - b; }) : this.order;
    this.list = make("ol", { class: "sp-steps", "aria-labelledby": id, role: "list" },
      shown.map(function (step, place) { return self.drawStep(step, place); }));
    this.live = make("p", { class: "sp-unseen", role: "status" });
    this.acts = make("div", { class: "sp-acts" });
    if (isOver) this.drawVerdict();
    this.root.appendChild(this.list);
    this.root.appendChild(this.live);
    this.root.appendChild(this.acts);
    if (isOver) this.drawWaysOn();
    else this.acts.appendChild(button(this.words.check, "", function () { self.check(); }));
    this.renumber();
    this.trigger("resize");
  };

  OrderSteps.prototype.drawStep = function (step, place) {
    const self = this;
    const said = this.steps[step];
    const isOver = this.isChecked || this.isSolved;
    const item = make("li", { class: "sp-step" });
    item.step = step;
    const number = make("span", { class: "sp-step__number", "aria-hidden": "true" });
    const box = make("div", { class: "sp-step__words" }, [make("p", { class: "sp-step__text", text: plain(said.text) })]);
    item.appendChild(number);
    item.appendChild(box);
    if (isOver) {
      this.mark(item, box, said, step - place);
      return item;
    }
    const moves = make("div", { class: "sp-moves" });
    [["up", -1], ["down", 1]].forEach(function (way) {
      const one = make("button", {
        type: "button", class: "sp-move sp-move--" + way[0], "aria-label": fill(self.words[way[0]], { step: plain(said.text) }),
        on: { click: function () { self.move(item, way[1]); } },
      }, [sign(way[0])]);
      moves.appendChild(one);
    });
    item.appendChild(moves);
    const grip = make("span", { class: "sp-grip", "aria-hidden": "true" }, [sign("grip")]);
    grip.addEventListener("pointerdown", function (event) { self.drag(item, grip, event); });
    item.insertBefore(grip, number);
    return item;
  };

  // Where a step stands and where it should: `off` places later (less than 0: earlier).
  OrderSteps.prototype.mark = function (item, box, said, off) {
    const isRight = off === 0;
    item.classList.add(isRight ? "sp-step--right" : "sp-step--wrong");
    if (!this.isSolved) {
      const how = isRight ? "right" : (off < 0 ? "earlier" : "later");
      box.appendChild(make("p", { class: "sp-tag" }, [
        sign(isRight ? "right" : (off < 0 ? "up" : "down")), make("span", { text: plain(this.words[how]) }),
      ]));
    }
    if (isRight && said.why) box.appendChild(prose(said.why, "sp-feedback"));
  };

  OrderSteps.prototype.drawVerdict = function () {
    const score = this.getScore();
    const isWhole = score === this.getMaxScore();
    this.headline = make("h2", { class: "sp-headline", text: this.isSolved ? plain(this.words.solution) : fill(this.words.score, { score: score, total: this.getMaxScore() }) });
    const said = make("div", { class: "sp-scored__words" }, [this.headline]);
    const feedback = this.isSolved ? this.params.feedback : (isWhole ? this.params.feedback || this.words.passed : this.params.wrong || this.words.notYet);
    if (feedback) said.appendChild(prose(feedback));
    this.root.appendChild(make("div", { class: "sp-card sp-card--result" }, [this.isSolved ? said : scoreboard(score, this.getMaxScore(), said)]));
  };

  OrderSteps.prototype.drawWaysOn = function () {
    const self = this;
    const isWhole = this.getScore() === this.getMaxScore();
    if (this.behaviour.retry !== false) {
      if (!isWhole && !this.isSolved) this.acts.appendChild(button(this.words.retry, "", function () { self.tryAgain(); }, "again"));
      this.acts.appendChild(button(this.words.fresh, "second", function () { self.resetTask(); goTo(self.task); }));
    }
    if (this.behaviour.solutions !== false && !isWhole && !this.isSolved) {
      this.acts.appendChild(button(this.words.solutions, "second", function () { self.showSolutions(); }));
    }
  };

  // ---- Moving ----

  // One place up or down. The neighbour moves, so that the button pressed keeps the focus.
  OrderSteps.prototype.move = function (item, by) {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) {
      this.say(item, by < 0 ? this.words.first : this.words.last);
      return;
    }
    const before = this.places();
    if (by < 0) item.after(other);
    else item.before(other);
    this.moved(item);
    this.glide(before);
  };

  OrderSteps.prototype.moved = function (item) {
    this.order = this.items().map(function (one) { return one.step; });
    this.isMoved = true;
    this.renumber();
    this.say(item, this.words.moved);
    touch(this);
  };

  OrderSteps.prototype.say = function (item, words) {
    const text = fill(words, { step: plain(this.steps[item.step].text), place: this.items().indexOf(item) + 1, total: this.steps.length });
    this.live.textContent = this.live.textContent === text ? text + "\u00a0" : text; // said again when it is the same
  };

  OrderSteps.prototype.items = function () {
    return Array.prototype.slice.call(this.list.children);
  };

  OrderSteps.prototype.renumber = function () {
    this.items().forEach(function (item, place, all) {
      item.querySelector(".sp-step__number").textContent = place + 1;
      const up = item.querySelector(".sp-move--up");
      if (!up) return;
      up.setAttribute("aria-disabled", String(place === 0));
      item.querySelector(".sp-move--down").setAttribute("aria-disabled", String(place === all.length - 1));
    });
  };

  OrderSteps.prototype.places = function () {
    return this.items().map(function (item) { return [item, item.getBoundingClientRect().top]; });
  };

  // Lets the eye follow what changed places; not for somebody who asked for less motion.
  OrderSteps.prototype.glide = function (before) {
    if (!window.matchMedia || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    before.forEach(function (pair) {
      const by = pair[1] - pair[0].getBoundingClientRect().top;
      if (by && pair[0].animate) pair[0].animate([{ transform: "translateY(" + by + "px)" }, { transform: "none" }], { duration: 180, easing: "ease-out" });
    });
  };

  // Follows the pointer: the step changes places with a neighbour once the pointer has passed that one's middle.
  OrderSteps.prototype.drag = function (item, grip, event) {
    if (event.button) return;
    event.preventDefault();
    const self = this;
    const before = this.order.join();
    grip.setPointerCapture(event.pointerId);
    item.classList.add("sp-step--held");
    function follow(moved) {
      const previous = item.previousElementSibling;
      const next = item.nextElementSibling;
      const places = self.places();
      if (previous && moved.clientY < middle(previous)) previous.before(item);
      else if (next && moved.clientY > middle(next)) next.after(item);
      else return;
      if (!grip.hasPointerCapture(event.pointerId)) grip.setPointerCapture(event.pointerId);
      self.renumber();
      self.glide(places.filter(function (pair) { return pair[0] !== item; }));
    }
    function drop() {
      grip.removeEventListener("pointermove", follow);
      grip.removeEventListener("pointerup", drop);
      grip.removeEventListener("pointercancel", drop);
      item.classList.remove("sp-step--held");
      if (self.items().map(function (one) { return one.step; }).join() !== before) self.moved(item);
    }
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", drop);
    grip.addEventListener("pointercancel", drop);
  };

  function middle(node) {
    const box = node.getBoundingClientRect();
    return box.top + box.height / 2;
  }

  // ---- Checking ----

  OrderSteps.prototype.check = function () {
    this.isChecked = true;
    this.isTouched = true;
    this.draw();
    goTo(this.headline);
    this.trigger(this.statement()); // each step's own stands in getXAPIData, which is asked for then
  };

  // On with the order as it is.
  OrderSteps.prototype.tryAgain = function () {
    this.isChecked = false;
    this.activityStartTime = Date.now();
    this.draw();
    goTo(this.task);
    touch(this);
  };

  OrderSteps.prototype.isRightAt = function (place) {
    return this.order[place] === place;
  };

  OrderSteps.prototype.statement = function () {
    const event = this.createXAPIEventTemplate("answered");
    event.setScoredResult(this.getScore(), this.getMaxScore(), this, true, this.hasPassed());
    event.data.statement.result.response = this.order.join("[,]");
    return event;
  };

  // A step's own: at which place it was put, and which is its own.
  OrderSteps.prototype.childStatements = function () {
    const self = this;
    return this.parts.map(function (part, step) {
      const place = self.order.indexOf(step);
      const definition = {
        interactionType: "numeric", name: inWords(self.steps[step].text), description: inWords(self.steps[step].text),
        correctResponsesPattern: [(step + 1) + "[:]" + (step + 1)],
      };
      return answered(part, { definition: definition, score: place === step ? 1 : 0, max: 1, response: String(place + 1) });
    });
  };

  OrderSteps.prototype.hasPassed = function () {
    const needed = this.behaviour.passPercentage === undefined ? 100 : this.behaviour.passPercentage;
    return this.getScore() * 100 >= needed * this.getMaxScore();
  };

  // ---- What H5P asks of a type ----

  OrderSteps.prototype.createXAPIEventTemplate = function (verb, extra) {
    const event = H5P.EventDispatcher.prototype.createXAPIEventTemplate.call(this, verb, extra);
    return describe(event, {
      interactionType: "sequencing", description: inWords(this.params.task),
      choices: this.steps.map(function (step, n) { return { id: String(n), description: inWords(step.text) }; }),
      correctResponsesPattern: [this.steps.map(function (step, n) { return n; }).join("[,]")],
    });
  };

  OrderSteps.prototype.getScore = function () {
    const self = this;
    return this.isChecked ? this.order.filter(function (step, place) { return self.isRightAt(place); }).length : 0;
  };

  OrderSteps.prototype.getMaxScore = function () {
    return this.steps.length;
  };

  OrderSteps.prototype.getAnswerGiven = function () {
    return Boolean(this.isMoved) || this.isChecked;
  };

  OrderSteps.prototype.getTitle = function () {
    const metadata = this.extras.metadata;
    return H5P.createTitle((metadata && metadata.title) || plain(this.words.title));
  };

  OrderSteps.prototype.resetTask = function () {
    this.order = shuffled(this.steps.length);
    this.isChecked = false;
    this.isSolved = false;
    this.isMoved = false;
    this.activityStartTime = Date.now();
    if (this.root) {
      this.draw();
      touch(this);
    }
  };

  OrderSteps.prototype.showSolutions = function () {
    this.isSolved = true;
    this.draw();
    goTo(this.headline);
  };

  OrderSteps.prototype.getCurrentState = function () {
    return this.isTouched ? { order: this.order, checked: this.isChecked, moved: Boolean(this.isMoved) } : undefined;
  };

  OrderSteps.prototype.getXAPIData = function () {
    return {
      statement: this.statement().data.statement,
      children: this.childStatements().map(function (event) { return { statement: event.data.statement }; }),
    };
  };

  const WORDS = /*= words */ {};

  return OrderSteps;
})();
