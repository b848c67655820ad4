/* Question set: questions with one right answer or several, and feedback for each option. */
var SencoPathway = window.SencoPathway = window.SencoPathway || {};

SencoPathway.QuestionSet = (function () {
  "use strict";
  //= shared.js

  let count = 0; // two on one page: ids of their own

  // ---- One question ----

  function Question(set, said, at, id) {
    this.set = set;
    this.said = said;
    this.at = at;
    this.isSeveral = said.kind === "multiple";
    this.options = said.options || [];
    this.part = new Part(set, id);
    this.name = "sp-" + set.number + "-" + at;
    this.order = set.behaviour.shuffle === false ? this.options.map(function (o, n) { return n; }) : shuffled(this.options.length);
    this.clear();
  }

  Question.prototype.clear = function () {
    this.chosen = [];
    this.isChecked = false;
  };

  Question.prototype.rightOnes = function () {
    return this.options.map(function (o, n) { return o.correct ? n : -1; }).filter(function (n) { return n >= 0; });
  };

  Question.prototype.isRight = function () {
    return this.rightOnes().join() === this.chosen.slice().sort(function (a, b) { return a - b; }).join();
  };

  // The card, as it stands now. `isSolved`: with what is right, and why, at each option.
  Question.prototype.draw = function (isSolved) {
    const self = this;
    const words = this.set.words;
    this.isSolved = Boolean(isSolved);
    this.status = make("div", { class: "sp-verdict", hidden: true });
    this.alert = make("p", { class: "sp-alert", role: "alert" });
    this.legend = make("legend", { class: "sp-legend" });
    if (this.set.questions.length > 1) {
      this.legend.appendChild(make("span", { class: "sp-count", text: fill(words.progress, { number: this.at + 1, total: this.set.questions.length }) }));
    }
    this.legend.appendChild(prose(this.said.question, "sp-question"));
    this.fields = make("fieldset", { class: "sp-fields" }, [
      this.legend,
      make("p", { class: "sp-hint", text: plain(this.isSeveral ? words.chooseSeveral : words.chooseOne) }),
      this.alert,
      make("div", { class: "sp-options" }, this.order.map(function (n) { return self.drawOption(n); })),
    ]);
    this.node = make("div", { class: "sp-card" }, [this.fields, this.status]);
    if (this.isChecked || this.isSolved) this.showVerdict();
    return this.node;
  };

  Question.prototype.drawOption = function (n) {
    const self = this;
    const option = this.options[n];
    const isOver = this.isChecked || this.isSolved;
    const isChosen = this.chosen.indexOf(n) >= 0;
    const id = this.name + "-" + n;
    const input = make("input", {
      type: this.isSeveral ? "checkbox" : "radio", name: this.name, id: id, value: n, class: "sp-input", disabled: isOver,
      on: { change: function () { self.choose(n, input.checked); } },
    });
    input.checked = isChosen;
    const box = make("div", { class: "sp-option" }, [
      make("div", { class: "sp-option__row" }, [input, make("label", { class: "sp-label", for: id, text: plain(option.text) })]),
    ]);
    if (isOver) this.mark(box, option, isChosen);
    return box;
  };

  // Says at an option how it stands, in words and with a sign, and what it teaches.
  Question.prototype.mark = function (box, option, isChosen) {
    const words = this.set.words;
    let how = "";
    if (isChosen) how = option.correct ? "right" : "wrong";
    else if (this.isSolved && option.correct) how = "missed";
    if (how) {
      box.classList.add("sp-option--" + how);
      box.appendChild(make("p", { class: "sp-tag" }, [sign(how === "missed" ? "right" : how), make("span", { text: plain(words[how]) })]));
    }
    if ((isChosen || this.isSolved) && option.feedback) box.appendChild(prose(option.feedback, "sp-feedback"));
  };

  Question.prototype.choose = function (n, isOn) {
    if (!this.isSeveral) this.chosen = [n];
    else this.chosen = this.chosen.filter(function (m) { return m !== n; }).concat(isOn ? [n] : []);
    this.alert.textContent = "";
    touch(this.set);
  };

  // Asks for an answer where none is given; true when there is one.
  Question.prototype.insist = function () {
    if (this.chosen.length) return true;
    this.alert.textContent = plain(this.set.words.chooseFirst);
    this.node.querySelector("input").focus();
    this.set.trigger("resize");
    return false;
  };

  Question.prototype.check = function () {
    this.isChecked = true;
    const before = this.node;
    before.replaceWith(this.draw());
  };

  Question.prototype.showVerdict = function () {
    const words = this.set.words;
    let text = words.notRight;
    if (this.isRight()) text = words.allRight;
    else if (this.isSeveral) {
      const self = this;
      const found = this.rightOnes().filter(function (n) { return self.chosen.indexOf(n) >= 0; }).length;
      text = fill(words.partly, { found: found, total: this.rightOnes().length });
    }
    this.heading = make("p", { class: "sp-verdict__word" }, [sign(this.isRight() ? "right" : "missed"), make("span", { text: plain(text) })]);
    this.status.hidden = false;
    this.status.classList.toggle("sp-verdict--right", this.isRight());
    this.status.appendChild(this.heading);
    if (this.said.explanation) this.status.appendChild(prose(this.said.explanation));
  };

  Question.prototype.statement = function () {
    const definition = {
      interactionType: "choice", name: inWords(this.said.question), description: inWords(this.said.question),
      choices: this.options.map(function (o, n) { return { id: String(n), description: inWords(o.text) }; }),
      correctResponsesPattern: [this.rightOnes().join("[,]")],
    };
    return answered(this.part, { definition: definition, score: this.isRight() ? 1 : 0, max: 1, response: this.chosen.join("[,]") });
  };

  // ---- The set ----

  function QuestionSet(params, contentId, extras) {
    begin(this, contentId, extras);
    count += 1;
    this.number = count;
    this.params = params;
    this.behaviour = params.behaviour || {};
    this.words = Object.assign({}, WORDS, params.words);
    this.isWhole = this.behaviour.showing === "all";
    const said = (params.questions || []).filter(function (one) { return one && one.options && one.options.length; });
    const ids = idsOf(said.map(function (one) { return plain(one.question); }));
    this.questions = [];
    said.forEach(function (one, at) { this.questions.push(new Question(this, one, at, ids[at])); }, this);
    this.at = 0;
    this.isOver = false;
    this.restore(this.extras.previousState);
  }

  QuestionSet.prototype = Object.create(H5P.EventDispatcher.prototype);
  QuestionSet.prototype.constructor = QuestionSet;

  QuestionSet.prototype.restore = function (state) {
    const questions = this.questions;
    if (!state || !Array.isArray(state.questions) || state.questions.length !== questions.length) return;
    state.questions.forEach(function (kept, at) {
      const one = questions[at];
      one.chosen = (kept.chosen || []).filter(function (n) { return n in one.options; });
      one.isChecked = Boolean(kept.checked) && one.chosen.length > 0;
      if (isOrderOf(kept.order, one.options.length)) one.order = kept.order;
    });
    this.at = Math.min(Math.max(parseInt(state.at, 10) || 0, 0), Math.max(questions.length - 1, 0));
    this.isOver = Boolean(state.over) && questions.every(function (one) { return one.isChecked; });
    this.isTouched = true;
  };

  QuestionSet.prototype.attach = function ($container) {
    this.root = make("div", { class: "sp sp-set" });
    const container = $container.get ? $container.get(0) : $container;
    container.classList.add("senco-question-set");
    container.appendChild(this.root);
    this.draw();
    this.setActivityStarted();
  };

  QuestionSet.prototype.draw = function () {
    this.root.textContent = "";
    if (!this.questions.length) this.root.appendChild(make("p", { text: plain(this.words.empty) }));
    else if (this.isOver) this.drawResults();
    else if (this.isWhole) this.drawAll();
    else this.drawOne();
    this.trigger("resize");
  };

  QuestionSet.prototype.drawIntro = function () {
    if (this.params.intro) this.root.appendChild(prose(this.params.intro, "sp-intro"));
  };

  QuestionSet.prototype.drawAll = function () {
    const self = this;
    this.drawIntro();
    this.questions.forEach(function (one) { self.root.appendChild(one.draw()); });
    this.root.appendChild(make("div", { class: "sp-acts" }, [button(this.words.checkAll, "", function () { self.checkAll(); })]));
  };

  QuestionSet.prototype.checkAll = function () {
    const open = this.questions.filter(function (one) { return !one.chosen.length; });
    open.slice().reverse().forEach(function (one) { one.insist(); });
    if (open.length) return;
    this.questions.forEach(function (one) { one.isChecked = true; });
    this.finish();
  };

  // One question, with where one is among them.
  QuestionSet.prototype.drawOne = function () {
    const self = this;
    const one = this.questions[this.at];
    if (this.at === 0) this.drawIntro();
    if (this.questions.length > 1) this.root.appendChild(this.drawDots());
    this.root.appendChild(one.draw());
    this.acts = make("div", { class: "sp-acts" });
    this.root.appendChild(this.acts);
    const isLast = this.at === this.questions.length - 1;
    if (one.isChecked) this.acts.appendChild(button(isLast ? this.words.toResults : this.words.next, "", function () { self.goOn(); }));
    else this.acts.appendChild(button(this.words.check, "", function () { self.checkOne(); }));
    if (this.at > 0) this.acts.appendChild(button(this.words.back, "quiet", function () { self.show(self.at - 1); }, "back"));
  };

  QuestionSet.prototype.drawDots = function () {
    const self = this;
    return make("ol", { class: "sp-dots", "aria-hidden": "true" }, this.questions.map(function (one, at) {
      const how = one.isChecked ? (one.isRight() ? " sp-dot--right" : " sp-dot--wrong") : "";
      return make("li", { class: "sp-dot" + how + (at === self.at ? " sp-dot--here" : "") },
        [one.isChecked ? sign(one.isRight() ? "right" : "wrong") : make("span", { text: String(at + 1) })]);
    }));
  };

  QuestionSet.prototype.checkOne = function () {
    const one = this.questions[this.at];
    if (!one.insist()) return;
    one.isChecked = true;
    this.draw();
    goTo(one.heading);
    touch(this);
  };

  QuestionSet.prototype.goOn = function () {
    if (this.at < this.questions.length - 1) this.show(this.at + 1);
    else this.finish();
  };

  QuestionSet.prototype.show = function (at) {
    this.at = at;
    this.draw();
    goTo(this.questions[at].legend);
    this.triggerXAPI("progressed");
  };

  // Says that the whole is done. Each question's own statement stands in getXAPIData, which is asked for then.
  QuestionSet.prototype.finish = function () {
    this.isOver = true;
    this.isTouched = true;
    this.draw();
    goTo(this.headline);
    this.triggerXAPICompleted(this.getScore(), this.getMaxScore(), this.hasPassed());
  };

  QuestionSet.prototype.drawResults = function () {
    const self = this;
    const score = this.getScore();
    const max = this.getMaxScore();
    const passed = this.hasPassed();
    this.headline = make("h2", { class: "sp-headline", text: fill(this.words.score, { score: score, total: max }) });
    const said = make("div", { class: "sp-scored__words" }, [this.headline, prose((passed ? this.params.passed : this.params.notYet) || this.words[passed ? "passed" : "notYet"])]);
    this.acts = make("div", { class: "sp-acts" });
    if (this.behaviour.retry !== false) this.acts.appendChild(button(this.words.retry, "", function () { self.resetTask(); goTo(self.questions[0].legend); }, "again"));
    if (this.behaviour.solutions !== false) this.acts.appendChild(button(this.words.solutions, "second", function () { self.showSolutions(); }));
    this.root.appendChild(make("div", { class: "sp-card sp-card--result" }, [scoreboard(score, max, said), this.drawList(), this.acts]));
    if (this.isWhole) this.questions.forEach(function (one) { self.root.appendChild(one.draw()); });
  };

  QuestionSet.prototype.drawList = function () {
    const words = this.words;
    return make("ol", { class: "sp-list" }, this.questions.map(function (one) {
      const how = one.isRight() ? "right" : "wrong";
      return make("li", { class: "sp-list__row sp-list__row--" + how }, [
        sign(how), make("span", { class: "sp-list__words" }, [
          make("span", { class: "sp-list__question", text: plain(one.said.question) }),
          make("span", { class: "sp-list__how", text: plain(one.isRight() ? words.listRight : words.listWrong) }),
        ]),
      ]);
    }));
  };

  QuestionSet.prototype.hasPassed = function () {
    const needed = this.behaviour.passPercentage === undefined ? 60 : this.behaviour.passPercentage;
    return this.getScore() * 100 >= needed * this.getMaxScore();
  };

  // ---- What H5P asks of a type ----

  QuestionSet.prototype.createXAPIEventTemplate = function (verb, extra) {
    const event = H5P.EventDispatcher.prototype.createXAPIEventTemplate.call(this, verb, extra);
    return describe(event, { type: "http://adlnet.gov/expapi/activities/assessment" });
  };

  QuestionSet.prototype.getScore = function () {
    return this.questions.filter(function (one) { return one.isChecked && one.isRight(); }).length;
  };

  QuestionSet.prototype.getMaxScore = function () {
    return this.questions.length;
  };

  QuestionSet.prototype.getAnswerGiven = function () {
    return this.questions.some(function (one) { return one.chosen.length > 0; });
  };

  QuestionSet.prototype.getTitle = function () {
    const metadata = this.extras.metadata;
    return H5P.createTitle((metadata && metadata.title) || plain(this.words.title));
  };

  QuestionSet.prototype.resetTask = function () {
    this.questions.forEach(function (one) {
      one.clear();
      if (this.behaviour.shuffle !== false) one.order = shuffled(one.options.length);
    }, this);
    this.at = 0;
    this.isOver = false;
    this.activityStartTime = Date.now();
    if (this.root) {
      this.draw();
      touch(this);
    }
  };

  QuestionSet.prototype.showSolutions = function () {
    const self = this;
    this.questions.forEach(function (one) { one.isChecked = true; });
    this.isOver = true;
    this.root.textContent = "";
    this.drawResults();
    Array.prototype.slice.call(this.root.querySelectorAll(".sp-card:not(.sp-card--result)")).forEach(function (node) { node.remove(); });
    const again = this.acts.querySelector(".sp-button--second");
    if (again) again.remove();
    this.questions.forEach(function (one) { self.root.appendChild(one.draw(true)); });
    goTo(this.questions[0].legend);
    this.trigger("resize");
  };

  QuestionSet.prototype.getCurrentState = function () {
    if (!this.isTouched) return undefined;
    return {
      at: this.at, over: this.isOver,
      questions: this.questions.map(function (one) { return { chosen: one.chosen, checked: one.isChecked, order: one.order }; }),
    };
  };

  QuestionSet.prototype.getXAPIData = function () {
    const event = this.createXAPIEventTemplate("completed");
    event.setScoredResult(this.getScore(), this.getMaxScore(), this, true, this.hasPassed());
    return {
      statement: event.data.statement,
      children: this.questions.map(function (one) { return { statement: one.statement().data.statement }; }),
    };
  };

  const WORDS = /*= words */ {};

  return QuestionSet;
})();
