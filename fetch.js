// Entry point `osaurus-discovery/fetch`: a fetch that follows the running server.
'use strict'

// Not `typeof Response`: reading the global would load Node's own fetch, which takes ten times as long as this package.
if (!('Response' in globalThis))
  throw new Error('osaurus-discovery/fetch needs the Fetch API: Node.js 18, Electron 23, or later')

const discovery = require('./index.js')

/** @type {typeof import('./fetch.js').createOsaurusFetch} */
function createOsaurusFetch(options) {
  // Loaded by the first call, because it takes longer to load than to find a server.
  const { createFetch } = require('./lib/client/create-fetch.js')
  return createFetch(discovery, options)
}

module.exports = { createOsaurusFetch }
