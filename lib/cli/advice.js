// Advises what to do next, from a report of inspectRuntime().
'use strict'

const { basename } = require('node:path')

const { commandName, shellQuote } = require('./shells.js')
const { WRONG_FILE, adviseUse, longerProbe } = require('./use-advice.js')

/**
 * @typedef {import('osaurus-discovery').RuntimeReport} RuntimeReport
 * @typedef {import('osaurus-discovery').EntryReport} EntryReport
 * @typedef {import('./use-advice.js').Advice} Advice
 * @typedef {import('./use-advice.js').CommandFor} CommandFor
 * @typedef {import('./use-advice.js').Context} Context
 */

const MALFORMED_REASONS = [
  'not-json',
  'not-an-object',
  'bad-health',
  'bad-port',
  'bad-address',
  'bad-instance-id',
  'bad-expose-to-network',
]

const UNREADABLE_REASONS = ['not-a-regular-file', 'too-large', 'unreadable']

/**
 * Returns at least one piece of advice, the most useful first.
 * @param {RuntimeReport} report
 * @param {Context} context
 * @returns {Advice[]}
 */
function advise({ directories, entries, fallback }, context) {
  const dir = context.baseDir === undefined ? '' : ` --base-dir ${shellQuote(context.baseDir)}`
  /** @type {CommandFor} */
  const commandFor = (command) => `${commandName(context.env)} ${command}${dir}`
  const running = entries.find((entry) => entry.status === 'running')
  if (running) {
    return [
      ...adviseUse(running.instance.url, running.probe, commandFor, context),
      ...(running.published ? [WRONG_FILE] : []),
    ]
  }
  if (fallback?.instance) {
    return [
      ...adviseUse(fallback.instance.url, fallback.probe, commandFor, context),
      ...adviseDirectories(directories),
      ...adviseFiles(entries),
    ]
  }
  const advice = [
    ...adviseDirectories(directories),
    ...adviseNestedDirectory(entries, context),
    ...adviseStarting(entries, commandFor),
    ...adviseUnverified(entries, commandFor, context),
    ...adviseFiles(entries),
  ]
  return advice.length ? advice : [adviseStart(context)]
}

/**
 * Advises on each directory, once where one parent closes several of them.
 * @param {import('osaurus-discovery').DirectoryReport[]} directories
 */
function adviseDirectories(directories) {
  const advice = directories.flatMap(adviseDirectory)
  return advice.filter(({ text }, index) => advice.findIndex((other) => other.text === text) === index)
}

/**
 * @param {import('osaurus-discovery').DirectoryReport} directory
 * @returns {Advice[]}
 */
function adviseDirectory({ path, status, blockedBy = path }) {
  switch (status) {
    case 'access-denied':
      return [
        {
          text: `Give your user read access to ${blockedBy}. This shows the current permissions. An app in the macOS sandbox must ask its user for access.`,
          commands: [`ls -ld ${shellQuote(blockedBy)}`],
        },
      ]
    case 'not-a-directory':
      return [
        {
          text: `Check what is at ${path}, move it away, and start Osaurus again.`,
          commands: [`ls -l ${shellQuote(path)}`],
        },
      ]
    case 'error':
      return [{ text: `Fix the problem reported for ${path}, then run this command again.` }]
    default:
      return []
  }
}

/**
 * Advises on a parent of the runtime directory, where that directory is an entry without a file.
 * @param {EntryReport[]} entries
 * @param {Context} context
 * @returns {Advice[]}
 */
function adviseNestedDirectory(entries, { env }) {
  const nested = entries.find(
    (entry) =>
      entry.status === 'ignored' && entry.reason === 'missing-file' && basename(entry.path) === 'runtime',
  )
  if (!nested) return []
  const text = `The instances are one level further down, in ${nested.path}. Scan that directory:`
  return [{ text, commands: [`${commandName(env)} doctor --base-dir ${shellQuote(nested.path)}`] }]
}

/**
 * @param {EntryReport[]} entries
 * @param {CommandFor} commandFor
 * @returns {Advice[]}
 */
function adviseStarting(entries, commandFor) {
  const entry = entries.find(({ status }) => status === 'starting' || status === 'restarting')
  if (!entry) return []
  const text = `Osaurus is ${entry.status}. Wait for it. If this lasts for minutes, it has crashed: start it again.`
  return [{ text, commands: [commandFor('wait')] }]
}

/**
 * Advises once on each outcome of a failed probe.
 * @param {EntryReport[]} entries
 * @param {CommandFor} commandFor
 * @param {Context} context
 * @returns {Advice[]}
 */
function adviseUnverified(entries, commandFor, { probeTimeoutMs }) {
  /** @type {Map<string, Advice>} */
  const advice = new Map()
  for (const entry of entries) {
    const { instance, probe } = entry.status === 'ignored' ? entry : {}
    if (!instance || !probe || advice.has(probe.outcome)) continue
    const { port } = instance
    switch (probe.outcome) {
      case 'refused':
        advice.set('refused', {
          text: `No server listens on port ${port}, which a file names. If Osaurus is not running, it has crashed or was killed: start it again, the file does no harm. If it is running, it listens on another port: restart its server, which writes the file again.`,
        })
        break
      case 'timed-out':
        advice.set('timed-out', {
          text: `A program listens on port ${port} and does not answer: Osaurus is busy or suspended. Give it more time. If that does not help, quit it and start it again.`,
          commands: [longerProbe(commandFor, probeTimeoutMs)],
        })
        break
      case 'not-osaurus':
        advice.set('not-osaurus', {
          text: `Another program uses port ${port}, where Osaurus was. Find it and quit it, or choose another port in the settings of Osaurus. Then start Osaurus again.`,
          commands: [`lsof -nP -iTCP:${port} -sTCP:LISTEN`],
        })
        break
      case 'error':
        advice.set('error', {
          text: `The system could not probe port ${port}. Fix the reported problem, then run this command again.`,
        })
    }
  }
  return [...advice.values()]
}

/**
 * @param {EntryReport[]} entries
 * @returns {Advice[]}
 */
function adviseFiles(entries) {
  const advice = []
  const findPath = (/** @type {string[]} */ reasons) =>
    entries.find((entry) => entry.status === 'ignored' && reasons.includes(entry.reason))?.path
  const malformed = findPath(MALFORMED_REASONS)
  if (malformed !== undefined) {
    const text =
      'A file is malformed. Check its contents. If Osaurus wrote it, report that to the makers of Osaurus; otherwise remove it. Then start Osaurus again.'
    // cat -v shows control characters instead of sending them to the terminal.
    advice.push({ text, commands: [`cat -v ${shellQuote(`${malformed}/configuration.json`)}`] })
  }
  const unreadable = findPath(UNREADABLE_REASONS)
  if (unreadable !== undefined) {
    const text =
      'A file cannot be read, or is not one that Osaurus writes. Check what it is and who may read it. Fix that, then run this command again.'
    advice.push({ text, commands: [`ls -la ${shellQuote(unreadable)}`] })
  }
  return advice
}

/**
 * @param {Context} context
 * @returns {Advice}
 */
function adviseStart({ baseDir, platform, env }) {
  if (baseDir !== undefined) {
    const text =
      'No running Osaurus publishes in this directory. Without --base-dir, the directories of Osaurus itself are scanned:'
    return { text, commands: [`${commandName(env)} doctor`] }
  }
  if (env.OSAURUS_TEST_ROOT) {
    const text =
      'No running Osaurus publishes in the directory that OSAURUS_TEST_ROOT selects. Without this variable, the directories of Osaurus itself are scanned:'
    return { text, commands: [`env -u OSAURUS_TEST_ROOT ${commandName(env)} doctor`] }
  }
  if (platform === 'darwin') {
    return {
      text: 'Osaurus is not running for this user. Open the app, or start its server:',
      commands: ['osaurus serve'],
    }
  }
  return {
    text: 'Osaurus runs on macOS, and this is another system. To try this package, run a fake Osaurus:',
    commands: [`${commandName(env)} fake`],
  }
}

module.exports = { advise }
