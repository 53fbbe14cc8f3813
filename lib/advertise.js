// Advertises a server on the local network by the compiled addon.
'use strict'

const path = require('path')

const { loadAddon } = require('./addon/load.js')
const { errorOf } = require('./errors.js')

/**
 * @typedef {object} Announcement
 * @property {string} host a host name without `.local`, unique on the network
 * @property {string} machine the name of the Mac
 * @property {number} port
 * @property {{ id: string, name: string, description?: string }[]} agents
 * @property {boolean} loopbackOnly
 */

/**
 * Announces a server, or throws an OsaurusError. The caller says when it ends.
 * @param {Announcement} announcement
 * @returns {{ withdraw(): void }} `withdraw` says goodbye, and returns once that is sent
 */
function advertise({ host, machine, port, agents, loopbackOnly }) {
  /** @type {typeof import('./addon/addon.js')} */
  const { Advertisement } = loadAddon(
    `${process.platform}-${process.arch}`,
    // Not defined where a bundler put this file into an ES module.
    typeof __dirname === 'string' ? path.dirname(__dirname) : undefined,
    require,
  )
  const advertisement = new Advertisement(host, machine, port, agents, loopbackOnly)
  const failure = advertisement.start()
  if (failure) throw errorOf(failure)
  return advertisement
}

module.exports = { advertise }
