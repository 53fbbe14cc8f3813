// What does this page get, wherever it is shown? Tried at once, and again when somebody asks.
'use strict'

/** Everything a page can try, and what came of it. */
async function probe() {
  const { osaurus } = window
  if (!osaurus) return { bridge: false }
  /** @type {unknown[]} */
  const heard = []
  const stop = osaurus.onChange((change) => heard.push(change))
  const outcome = (/** @type {Promise<unknown>} */ promise) =>
    promise.then(
      (value) => ({ value }),
      (error) => ({ error: error.message }),
    )
  const latest = await outcome(osaurus.getInstance())
  const list = await outcome(osaurus.listInstances())
  // Were it told anything, it would be by now: main answered both questions after the subscription.
  await outcome(osaurus.getInstance())
  await new Promise((resolve) => setTimeout(resolve, 200))
  stop()
  return { bridge: true, latest, list, heard }
}

if (window.parent !== window) probe().then((result) => window.parent.postMessage(result, '*'))
