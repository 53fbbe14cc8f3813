// Implements `doctor --network`.
'use strict'

const { describeError } = require('../error-messages.js')
const { stdout } = require('../screen.js')
const { commandName, shellQuote } = require('../shells.js')
const { json } = require('../text.js')
const { printHeading, printParagraph, printUnwrapped } = require('../report-lines.js')
const { describeAgents, toNetworkOptions } = require('./search.js')

/**
 * @typedef {import('osaurus-discovery/network').NetworkInstance} NetworkInstance
 * @typedef {{ server: NetworkInstance, answered: boolean | null }} Finding `answered` is null if the server was not probed
 * @typedef {{ findings: Finding[], failure?: Error & { code: string } }} Report
 */

/** @param {import('../commands.js').Call} call */
async function doctorOfNetwork({ options, signal }) {
  const searchOptions = toNetworkOptions(options, signal, 'doctor')
  const report = await search(searchOptions)
  const usable = report.findings.find(({ answered }) => answered !== false)
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
    if (!verify) return { findings: advertised.map((server) => ({ server, answered: null })) }
    /** @type {(servers: NetworkInstance[], server: NetworkInstance) => NetworkInstance | undefined} */
    const find = (servers, { host, port }) => servers.find((each) => each.host === host && each.port === port)
    const findings = advertised.map((each) => {
      const same = find(verified, each)
      return { server: same ?? each, answered: same !== undefined }
    })
    // A packet that only one of the two has received.
    const missed = verified.filter((each) => !find(advertised, each))
    return { findings: [...findings, ...missed.map((server) => ({ server, answered: true }))] }
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
  if (usable) {
    const { answered, server } = usable
    const basis = answered ? 'Osaurus answers at' : 'According to its advertisement, Osaurus runs at'
    printParagraph(`${basis} ${server.url}`, 'green', '')
  } else printParagraph('No usable Osaurus of another Mac was found on the local network.', 'red', '')
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
  printParagraph(`Advertises ${host}, port ${port}, at ${addresses.join(', ')}.`)
  if (agents.length) printParagraph(`Agents: ${describeAgents(agents)}.`)
  printParagraph(describeAnswer(server, answered))
}

/** @param {NetworkInstance} server @param {Finding['answered']} answered */
function describeAnswer({ url }, answered) {
  if (answered === null) return 'Was not probed because of --no-verify.'
  return answered ? `Answers as Osaurus at ${url}.` : 'Does not answer as Osaurus.'
}

/**
 * @param {Report} report
 * @param {Finding | undefined} usable
 * @returns {{ text: string, command?: string }[]}
 */
function advise({ findings, failure }, usable) {
  if (failure) return [{ text: describeError(failure) }]
  if (usable && usable.answered === null) {
    return [
      {
        text: 'To check which server answers, run this command without --no-verify:',
        command: `${commandName()} doctor --network`,
      },
    ]
  }
  if (usable) {
    return [
      {
        text: 'Create an access key in Osaurus on that Mac (Management → Server → Access Keys), and send it with every request. Prompts, answers and the key cross the network unencrypted, and nothing proves who that server is.',
        command: `curl -H "Authorization: Bearer $OSAURUS_API_KEY" ${shellQuote(`${usable.server.url}/v1/models`)}`,
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
