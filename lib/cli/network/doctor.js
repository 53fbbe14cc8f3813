// Implements `doctor --network`.
'use strict'

const { describeError } = require('../error-messages.js')
const { stdout } = require('../screen.js')
const { commandName } = require('../shells.js')
const { json } = require('../text.js')
const { printHeading, printParagraph, printUnwrapped } = require('../report-lines.js')
const { describeAgents, toNetworkOptions } = require('./search.js')

/**
 * @typedef {import('osaurus-discovery/network').NetworkInstance} NetworkInstance
 * @typedef {{ server: NetworkInstance, answered: boolean }} Finding
 * @typedef {{ findings: Finding[], failure?: Error & { code: string } }} Report
 */

/** @param {import('../commands.js').Call} call */
async function doctorOfNetwork({ options, signal }) {
  const searchOptions = toNetworkOptions(options, signal, 'doctor')
  const report = await search(searchOptions)
  const usable = report.findings.find(({ answered }) => answered)
  if (options.json) stdout().line(json(toJson(report)))
  else print(report, usable)
  return usable ? 0 : 1
}

/**
 * Listens for what is advertised, and at the same time for which of it answers.
 * @param {ReturnType<typeof toNetworkOptions>} options
 * @returns {Promise<Report>}
 */
async function search({ verify, ...options }) {
  const { listNetworkInstances } = require('../../../network.js')
  const list = (/** @type {boolean} */ verified) => listNetworkInstances({ ...options, verify: verified })
  try {
    const [advertised, verified] = await Promise.all([list(false), verify ? list(true) : []])
    const findings = advertised.map((each) => {
      const same = verified.find(({ host, port }) => host === each.host && port === each.port)
      return { server: same ?? each, answered: same !== undefined }
    })
    return { findings }
  } catch (error) {
    const failure = /** @type {Error & { code: string }} */ (error)
    if (failure.code !== 'OSAURUS_NETWORK_UNAVAILABLE' && failure.code !== 'OSAURUS_IO') throw error
    return { findings: [], failure }
  }
}

/** @param {Report} report */
function toJson({ findings, failure }) {
  return {
    servers: findings.map(({ server, answered }) => ({ ...server, answered })),
    error: failure ? { code: failure.code, message: failure.message } : null,
  }
}

/** @param {Report} report @param {Finding | undefined} usable */
function print({ findings, failure }, usable) {
  if (usable) printParagraph(`Osaurus answers at ${usable.server.url}`, 'green', '')
  else printParagraph('No usable Osaurus of another Mac was found on the local network.', 'red', '')
  if (findings.length)
    printHeading(`Advertised by ${findings.length === 1 ? '1 server' : `${findings.length} servers`}`)
  for (const finding of findings) printFinding(finding)
  printHeading('What to do next')
  for (const { text, command } of advise({ findings, failure }, usable)) {
    printParagraph(text, undefined, '  ')
    if (command) printUnwrapped(command, 'cyan')
  }
}

/** @param {Finding} finding */
function printFinding({ server, answered }) {
  const { name, host, port, addresses, agents } = server
  printParagraph(name, answered ? 'green' : 'yellow', '  ')
  printParagraph(
    `Advertises ${host}, port ${port}, at ${addresses.join(', ') || 'no address of a network of this machine'}.`,
  )
  if (agents.length) printParagraph(`Agents: ${describeAgents(agents)}.`)
  printParagraph(answered ? `Answers as Osaurus at ${server.url}.` : 'Does not answer as Osaurus.')
}

/**
 * @param {Report} report
 * @param {Finding | undefined} usable
 * @returns {{ text: string, command?: string }[]}
 */
function advise({ findings, failure }, usable) {
  if (failure) return [{ text: describeError(failure) }]
  if (usable) {
    return [
      {
        text: 'Create an access key in Osaurus on that Mac (Management → Server → Access Keys), and send it with every request. Prompts, answers and the key cross the network unencrypted, and nothing proves who that server is.',
        command: `curl -H "Authorization: Bearer $OSAURUS_API_KEY" ${usable.server.url}/v1/models`,
      },
    ]
  }
  if (findings.length) {
    return [
      {
        text: 'A server is advertised and does not answer. Check that Osaurus runs on that Mac, and that no firewall there refuses connections to its port. A slow network needs more time:',
        command: `${commandName()} doctor --network --timeout 10s --probe-timeout 5s`,
      },
    ]
  }
  return [
    {
      text: 'Expose Osaurus to the network in its settings on the other Mac, and switch on Bonjour for at least one of its agents if its version has that switch. Both machines must be in the same network: guest networks and VPNs often keep them apart. A firewall on this machine must let packets to port 5353 in.',
    },
    { text: 'For the server on this machine:', command: `${commandName()} doctor` },
  ]
}

module.exports = { doctorOfNetwork }
