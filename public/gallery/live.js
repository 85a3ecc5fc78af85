// News of the server: one stream for all tabs of a browser, as it has few connections to give.

import { byId } from "./page.js";

const POLL = 5_000;
const LONGEST_PAUSE = 8_000;

// Keeps the page current. `hear` takes an image, `reconcile` asks for everything again. The element
// says where the stream is, what the page knows already, and who looks: tabs of different people do
// not share a stream.
export function connect({ dataset }, hear, reconcile) {
  const name = `ponka-events:${dataset.viewer}`;
  const canShare = "locks" in navigator && "BroadcastChannel" in window;
  const channel = canShare ? new BroadcastChannel(name) : undefined;
  let last = dataset.last ?? "";
  let failures = 0;
  let source, retry, poll, resign;

  const refresh = () => reconcile().catch(() => {});

  // Without an image, something was missed.
  function take({ image, last: number }) {
    if (number) last = number;
    if (image) hear(image);
    else refresh();
  }

  // To this tab and the others.
  function tell(message) {
    channel?.postMessage(message);
    take(message);
  }

  function open() {
    const resumes = last !== "";
    source = new EventSource(resumes ? `${dataset.events}?lastEventId=${encodeURIComponent(last)}` : dataset.events);
    source.addEventListener("open", () => {
      if (!resumes) tell({});
      failures = 0;
      poll = clearInterval(poll);
    });
    source.addEventListener("image", ({ data, lastEventId }) => tell({ image: JSON.parse(data), last: lastEventId }));
    source.addEventListener("reset", ({ lastEventId }) => {
      last = lastEventId;
      tell({});
    });
    source.addEventListener("error", recover);
  }

  // A browser opens a stream again only after a broken connection, not after a refusal: so we do.
  function recover() {
    source.close();
    poll ??= setInterval(tell, POLL, {});
    retry = setTimeout(open, Math.min(LONGEST_PAUSE, 500 * 2 ** failures++) * (0.75 + Math.random() / 2));
  }

  function stop() {
    source?.close();
    clearTimeout(retry);
    poll = clearInterval(poll);
    resign?.();
  }

  function lead() {
    open();
    return new Promise((resolve) => (resign = resolve));
  }

  // One tab leads; when it goes, the next one goes on where it was.
  async function start() {
    if (!canShare) return open();
    const queue = (lock) => {
      if (lock) return lead();
      // The leader may have told things before this tab could listen.
      refresh();
      navigator.locks.request(name, lead);
    };
    await navigator.locks.request(name, { ifAvailable: true }, queue);
  }

  let hiddenAt = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      if (!canShare) stop();
    } else if (!canShare) {
      open();
    } else if (Date.now() - hiddenAt > 30_000) {
      refresh();
    }
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", ({ persisted }) => persisted && start());
  if (channel) channel.onmessage = ({ data }) => take(data);
  start();
  byId("main").dataset.live = "yes";
}
