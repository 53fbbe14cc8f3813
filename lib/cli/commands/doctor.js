// Implements the command `doctor`.
'use strict'

const { advise } = require('../advice.js')
const { describeAccessKey, findAccessKey } = require('../access-keys.js')
const {
  DISCOVERY_OPTIONS,
  NETWORK_TIMEOUT_HELP,
  refuseWithoutNetwork,
  toDiscoverOptions,
} = require('../options.js')
const { describeProbe, describeUse } = require('../probe-descriptions.js')
const { printHeading, printParagraph, printUnwrapped } = require('../report-lines.js')
const { stdout } = require('../screen.js')
const { ago, json } = require('../text.js')

/**
 * @typedef {import('osaurus-discovery').DirectoryReport} DirectoryReport
 * @typedef {import('osaurus-discovery').EntryReport} EntryReport
 * @typedef {import('osaurus-discovery').FallbackReport} FallbackReport
 * @typedef {import('osaurus-discovery').RuntimeReport} RuntimeReport
 * @typedef {import('../access-keys.js').KeyFromEnvironment} KeyFromEnvironment
 * @typedef {import('../screen.js').Format} Format
 * @typedef {{ title: string, format: Format, sentences: string[] }} Description
 */

/** @type {import('../commands.js').Command} */
const doctor = {
  name: 'doctor',
  summary: 'explain which servers were found, which were not, why, and what to do next',
  takes: ['network', 'timeout', ...DISCOVERY_OPTIONS],
  helps: { timeout: NETWORK_TIMEOUT_HELP },
  about:
    'Explains why Osaurus is found or not found: which directories were scanned, what each entry in them is, what each ' +
    'server answered, and what to do next.\n' +
    'If OSAURUS_API_KEY or OSAURUS_ACCESS_KEY is set, it checks that access key with servers that require one. It never ' +
    'prints the key.\n' +
    'With --network: what is advertised on the local network, and which of it answers as Osaurus.\n' +
    'With --json: the report of inspectRuntime(); with --network, { servers, error }.',
  examples: ['osaurus-discovery doctor', 'OSAURUS_API_KEY=osk-v1... osaurus-discovery doctor'],
  async run(call) {
    const { options, signal } = call
    if (options.network !== undefined) return require('../network/doctor.js').doctorOfNetwork(call)
    refuseWithoutNetwork(options, 'doctor')
    const { inspectRuntime } = require('../../../index.js')
    const key = findAccessKey(process.env)
    const discoverOptions = toDiscoverOptions(options, signal)
    const report = await inspectRuntime({ ...discoverOptions, accessKey: key?.key })
    if (options.json) stdout().line(json(report))
    else print(report, key, options)
    return latestOf(report) ? 0 : 1
  },
}

/** @param {RuntimeReport} report */
function latestOf({ entries, fallback }) {
  const latest = entries.find((entry) => entry.status === 'running')
  if (latest) return latest
  return fallback?.instance && { instance: fallback.instance, probe: fallback.probe }
}

/**
 * @param {RuntimeReport} report
 * @param {KeyFromEnvironment | undefined} key
 * @param {import('../options.js').Options} options
 */
function print(report, key, options) {
  const { directories, entries, fallback } = report
  const latest = latestOf(report)
  if (latest) {
    const basis = latest.probe ? '' : 'According to its file, '
    printParagraph(`${basis}Osaurus is running at ${latest.instance.url}`, 'green', '')
  } else printParagraph('No usable Osaurus was found.', 'red', '')
  printHeading(`Scanned ${count(directories.length, 'directory', 'directories')}`)
  for (const directory of directories) {
    printUnwrapped(directory.path, undefined, '  ')
    printParagraph(describeDirectory(directory, entries), 'dim')
  }
  if (entries.length) printHeading(`Found ${count(entries.length, 'entry', 'entries')}`)
  const isRunning = latest !== undefined
  for (const entry of entries) printDescription(describeEntry(entry, { key, isRunning }), entry.path)
  // A running entry is either verified itself, or its description includes this probe.
  if (fallback && !entries.some(({ status }) => status === 'running')) {
    printHeading('Probed the default address of Osaurus')
    printDescription(describeFallback(fallback, key))
  }
  if (key) {
    printHeading('Access key')
    printParagraph(describeAccessKey(key), undefined, '  ')
  }
  printHeading('What to do next')
  const { platform, env } = process
  const context = {
    baseDir: options['base-dir'],
    probeTimeoutMs: options['probe-timeout'],
    platform,
    env,
    key,
  }
  for (const { text, commands = [] } of advise(report, context)) {
    printParagraph(text, undefined, '  ')
    for (const command of commands) printUnwrapped(command, 'cyan')
  }
}

/**
 * @param {Description} description
 * @param {string} [path] of the entry
 */
function printDescription({ title, format, sentences }, path) {
  printParagraph(title, format, '  ')
  if (path !== undefined) printUnwrapped(path)
  for (const each of sentences) printParagraph(each)
}

/**
 * @param {DirectoryReport} directory
 * @param {EntryReport[]} entries
 */
function describeDirectory({ path, legacy, status, detail }, entries) {
  switch (status) {
    case 'read': {
      const inside = entries.filter((entry) => parentOf(entry.path) === path).length
      return inside
        ? `Has ${count(inside, 'entry', 'entries')}.`
        : 'Empty: no running Osaurus publishes here.'
    }
    case 'missing':
      return legacy
        ? 'Missing, which is normal: only versions of Osaurus before February 2026 publish here.'
        : 'Missing: no Osaurus has published here yet.'
    case 'not-a-directory':
      return 'Not a directory.'
    case 'access-denied':
      return `Exists, but access is denied: ${detail}.`
    case 'error':
      return `Exists, but cannot be read: ${detail}.`
  }
}

/** @param {string} path */
function parentOf(path) {
  return path.replace(/[\\/][^\\/]*$/, '')
}

/**
 * @param {EntryReport} entry
 * @param {{ key: KeyFromEnvironment | undefined, isRunning: boolean }} context `isRunning`: Osaurus answered somewhere
 * @returns {Description}
 */
function describeEntry(entry, { key, isRunning }) {
  const now = Date.now()
  switch (entry.status) {
    case 'running': {
      const { instance, probe, published } = entry
      const sentences = [`Published ${ago(instance.updatedAt, now)}, with the address ${instance.address}.`]
      if (published) {
        sentences.push(`Its file is wrong: it says that Osaurus is running at ${published.instance.url}.`)
        if (published.probe) sentences.push(describeProbe(published.probe))
      }
      if (probe) sentences.push(describeProbe(probe), ...describeUse(probe, instance, key))
      else sentences.push(...describeUnprobed(instance))
      return { title: `Running at ${instance.url}`, format: 'green', sentences }
    }
    case 'starting':
    case 'restarting': {
      const published = `Published this state ${ago(entry.updatedAt, now)}. Its port is not known yet.`
      return { title: `Is ${entry.status}`, format: 'yellow', sentences: [published] }
    }
    case 'ignored': {
      const { reason, detail, instance, probe } = entry
      const sentences = instance
        ? [`Published ${ago(instance.updatedAt, now)}: running at ${instance.url}.`]
        : []
      sentences.push(probe ? describeProbe(probe) : toSentence(detail))
      if (probe?.outcome === 'refused' && !isRunning) {
        sentences.push('A crash leaves such an entry behind, and so does a change of the port.')
      }
      return { title: `Ignored: ${reason}`, format: 'yellow', sentences }
    }
  }
}

/** @param {import('osaurus-discovery').OsaurusInstance} instance */
function describeUnprobed({ exposeToNetwork }) {
  const exposed = exposeToNetwork ? ['Its file says that it is exposed to the network.'] : []
  return [...exposed, 'Its server was not probed because of --no-verify.']
}

/**
 * @param {FallbackReport} fallback
 * @param {KeyFromEnvironment | undefined} key
 * @returns {Description}
 */
function describeFallback({ probe, instance }, key) {
  if (!instance) return { title: 'No Osaurus', format: 'yellow', sentences: [describeProbe(probe)] }
  const sentences = ['No readable entry describes this server.', describeProbe(probe)]
  return {
    title: `Running at ${instance.url}`,
    format: 'green',
    sentences: [...sentences, ...describeUse(probe, instance, key)],
  }
}

/** @param {string} text */
function toSentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`
}

/**
 * @param {number} number
 * @param {string} singular
 * @param {string} plural
 */
function count(number, singular, plural) {
  return `${number} ${number === 1 ? singular : plural}`
}

module.exports = { doctor }
