// Runs before the page is drawn, so that parts which need JavaScript do not flash.
document.documentElement.classList.add("js");
