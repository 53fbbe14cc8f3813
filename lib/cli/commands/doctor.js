// Implements the command `doctor`.
'use strict'

const { advise } = require('../advice.js')
const { ago } = require('../duration.js')
const { json, printable } = require('../escape.js')
const { wrap } = require('../layout.js')
const { DISCOVERY_OPTIONS, toDiscoverOptions } = require('../options.js')
const { stdout } = require('../screen.js')

/**
 * @typedef {import('osaurus-discovery').DirectoryReport} DirectoryReport
 * @typedef {import('osaurus-discovery').EntryReport} EntryReport
 * @typedef {import('osaurus-discovery').ProbeReport} ProbeReport
 * @typedef {import('../screen.js').Format} Format
 */

/** @type {import('../commands.js').Command} */
const doctor = {
  name: 'doctor',
  summary: 'explain which servers were found, which were not, why, and what to do next',
  takes: DISCOVERY_OPTIONS,
  about:
    'Explains why Osaurus is found or not found: which directories were scanned, what each entry in them is, what each ' +
    'server answered, and what to do next.\n' +
    'With --json: the report of inspectRuntime().',
  examples: ['osaurus-discovery doctor'],
  async run({ options, signal }) {
    const { inspectRuntime } = require('../../../index.js')
    const discoverOptions = toDiscoverOptions(options, signal)
    const report = await inspectRuntime(discoverOptions)
    if (options.json) stdout().line(json(report))
    else print(report, options)
    return report.entries.some(({ status }) => status === 'running') ? 0 : 1
  },
}

/**
 * @param {import('osaurus-discovery').RuntimeReport} report
 * @param {import('../options.js').Options} options
 */
function print(report, options) {
  const { directories, entries } = report
  const latest = entries.find((entry) => entry.status === 'running')
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
  for (const entry of entries) {
    const { title, format, sentences } = describeEntry(entry, Date.now())
    printParagraph(title, format, '  ')
    printUnwrapped(entry.path)
    for (const each of sentences) printParagraph(each)
  }
  printHeading('What to do next')
  const { platform, env } = process
  const context = {
    baseDir: options['base-dir'],
    probeTimeoutMs: options['probe-timeout'],
    platform,
    env,
  }
  for (const { text, commands = [] } of advise(report, context)) {
    printParagraph(text, undefined, '  ')
    for (const command of commands) printUnwrapped(command, 'cyan')
  }
}

/** @param {string} text */
function printHeading(text) {
  stdout().line(`\n${stdout().style('bold', text)}`)
}

/**
 * @param {string} text
 * @param {Format} [format]
 * @param {string} [indent]
 */
function printParagraph(text, format, indent = '    ') {
  const screen = stdout()
  for (const line of wrap(printable(text), screen.proseColumns, indent)) {
    screen.line(format ? screen.style(format, line) : line)
  }
}

/**
 * Prints a path or a command in one piece, so that it can be copied.
 * @param {string} text
 * @param {Format} [format]
 * @param {string} [indent]
 */
function printUnwrapped(text, format, indent = '    ') {
  const line = indent + printable(text)
  stdout().line(format ? stdout().style(format, line) : line)
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
 * @param {number} now
 * @returns {{ title: string, format: Format, sentences: string[] }}
 */
function describeEntry(entry, now) {
  switch (entry.status) {
    case 'running': {
      const { instance, probe } = entry
      const published = `Published ${ago(instance.updatedAt, now)}, with the address ${instance.address}.`
      const exposed = instance.exposeToNetwork ? ['It is exposed to the network.'] : []
      const answer = probe ? describeProbe(probe) : 'Its server was not probed because of --no-verify.'
      return {
        title: `Running at ${instance.url}`,
        format: 'green',
        sentences: [published, ...exposed, answer],
      }
    }
    case 'starting':
    case 'restarting': {
      const published = `Published this state ${ago(entry.updatedAt, now)}. Its port is not known yet.`
      return { title: `Is ${entry.status}`, format: 'yellow', sentences: [published] }
    }
    case 'ignored': {
      const { reason, detail, instance, probe } = entry
      const published = instance
        ? [`Published ${ago(instance.updatedAt, now)}: running at ${instance.url}.`]
        : []
      const why = probe ? describeProbe(probe) : toSentence(detail)
      return { title: `Ignored: ${reason}`, format: 'yellow', sentences: [...published, why] }
    }
  }
}

/** @param {ProbeReport} probe */
function describeProbe({ outcome, url, durationMs, accessKey, detail }) {
  const time = `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`
  switch (outcome) {
    case 'osaurus': {
      /** @type {Record<string, string>} */
      const key = { required: ' It requires an access key.', 'not-required': ' It requires no access key.' }
      return `${url} answered as Osaurus after ${time}.${(accessKey && key[accessKey]) || ''}`
    }
    case 'refused':
      return `${url} refused the connection: nothing listens there, so a crash left this entry behind.`
    case 'timed-out':
      return `${url} did not answer within ${time}.`
    case 'not-osaurus':
      return `${url} is not Osaurus: it ${detail}.`
    case 'error':
      return `${url} could not be probed: ${detail}.`
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
