// News of the server: one stream for all tabs of a browser, as it has few connections to give.

import { byId, forViewer } from "./page.js";

const POLL = 5_000;
const LONGEST_PAUSE = 8_000;
const SILENCE = 40_000; // a stream says every 15 seconds that it is alive
const GAP = { isGap: true };

// Keeps the page current. `hear` takes an image, `reconcile` asks for everything again. The element
// says where the stream is, what the page knows already, and who looks: tabs of different people do
// not share a stream.
export function connect({ dataset }, hear, reconcile) {
  const name = `ponka-events:${dataset.viewer}`;
  const canShare = "locks" in navigator && "BroadcastChannel" in window;
  const channel = canShare ? new BroadcastChannel(name) : undefined;
  let last = dataset.last ?? "";
  let failures = 0;
  let connection; // ends with `abort`
  let source, retry, poll, silence;

  const refresh = () => reconcile().catch(() => {});

  function take({ image, isGap, last: number }) {
    if (number) last = number;
    if (image) hear(image);
    if (isGap) refresh();
  }

  // To this tab and the others.
  function tell(message) {
    channel?.postMessage(message);
    take(message);
  }

  // Who hears nothing for long asks for itself: the leader for a new stream, another tab for the photos.
  function watch() {
    clearTimeout(silence);
    silence = setTimeout(() => (source ? recover() : (poll ??= setInterval(refresh, POLL))), SILENCE);
  }

  function heard() {
    poll = clearInterval(poll);
    watch();
  }

  function open() {
    const resumes = last !== "";
    source = new EventSource(forViewer(resumes ? `${dataset.events}?lastEventId=${encodeURIComponent(last)}` : dataset.events));
    watch();
    const on = (type, react) =>
      source.addEventListener(type, (event) => {
        heard();
        react(event);
      });
    on("open", () => {
      if (!resumes) tell(GAP);
      failures = 0;
    });
    on("image", ({ data, lastEventId }) => tell({ image: JSON.parse(data), last: lastEventId }));
    on("reset", ({ lastEventId }) => tell({ ...GAP, last: lastEventId }));
    on("heartbeat", () => tell({ last }));
    // Another browser has taken the place of this one.
    on("later", ({ data }) => recover(1000 * data));
    on("signed-out", () => {
      recover();
      tell(GAP);
    });
    source.addEventListener("error", () => recover());
  }

  // A browser opens a stream again only after a broken connection, not after a refusal: so we do.
  function recover(pause = Math.min(LONGEST_PAUSE, 500 * 2 ** failures++) * (0.75 + Math.random() / 2)) {
    source.close();
    clearTimeout(silence);
    poll ??= setInterval(tell, POLL, GAP);
    retry = setTimeout(open, pause);
  }

  function stop() {
    connection?.abort();
    source?.close();
    connection = source = undefined;
    clearTimeout(retry);
    clearTimeout(silence);
    poll = clearInterval(poll);
  }

  // One tab leads; when it goes, the next one goes on where it was.
  function start() {
    if (connection) return;
    connection = new AbortController();
    const { signal } = connection;
    const lead = () => {
      if (signal.aborted) return undefined;
      open();
      return new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    if (!canShare) {
      lead();
      return;
    }
    watch();
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock) return lead();
      // The leader may have told things before this tab could listen.
      refresh();
      navigator.locks.request(name, { signal }, lead).catch(() => {});
    });
  }

  let hiddenAt = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      if (!canShare) stop();
    } else if (!canShare) {
      start();
    } else if (!connection || Date.now() - hiddenAt > 30_000) {
      refresh();
    }
  });
  document.addEventListener("signed-out", stop);
  document.addEventListener("signed-in", start);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", ({ persisted }) => persisted && start());
  if (channel) {
    channel.onmessage = ({ data }) => {
      if (!connection) return;
      heard();
      take(data);
    };
  }
  start();
  byId("main").dataset.live = "yes";
}
