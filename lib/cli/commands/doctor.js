// What was looked at, what is each entry, what did each server answer, and what is to be done next?
'use strict'

const { advise } = require('../advice.js')
const { ago } = require('../duration.js')
const { json, printable } = require('../escape.js')
const { wrap } = require('../layout.js')
const { DISCOVERY, discoverOptions } = require('../options.js')
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
  summary: 'folders looked at, every entry, the answer of every server, what to do next',
  takes: DISCOVERY,
  about:
    'Tells why Osaurus is found, or why it is not: which folders were looked at, what every entry in them is, what every ' +
    'server answered, and what to do next.\n' +
    'With --json: the report of inspectRuntime().',
  examples: ['osaurus-discovery doctor'],
  async run({ options, signal }) {
    const { inspectRuntime } = require('../../../index.js')
    const asked = discoverOptions(options, signal)
    const report = await inspectRuntime(asked)
    if (options.json) stdout().line(json(report))
    else tell(report, asked)
    return report.entries.some(({ status }) => status === 'running') ? 0 : 1
  },
}

/**
 * @param {import('osaurus-discovery').RuntimeReport} report
 * @param {import('osaurus-discovery').DiscoverOptions} asked
 */
function tell(report, asked) {
  const { directories, entries } = report
  const latest = entries.find((entry) => entry.status === 'running')
  if (latest)
    paragraph(`${latest.probe ? '' : 'By its file, '}Osaurus runs at ${latest.instance.url}`, 'green', '')
  else paragraph('No Osaurus was found that can be used now.', 'red', '')
  heading(`Looked in ${counted(directories.length, 'folder', 'folders')}`)
  for (const directory of directories) {
    whole(directory.path, undefined, '  ')
    paragraph(directoryWords(directory, entries), 'dim')
  }
  if (entries.length) heading(`Found ${counted(entries.length, 'entry', 'entries')}`)
  for (const entry of entries) {
    const { name, format, words } = describe(entry, Date.now())
    paragraph(name, format, '  ')
    whole(entry.path)
    for (const each of words) paragraph(each)
  }
  heading('What to do next')
  const { platform, env } = process
  for (const { words, commands = [] } of advise(report, { ...asked, platform, env })) {
    paragraph(words, undefined, '  ')
    for (const command of commands) whole(command, 'cyan')
  }
}

/** @param {string} text */
function heading(text) {
  stdout().line(`\n${stdout().style('bold', text)}`)
}

/**
 * @param {string} text
 * @param {Format} [format]
 * @param {string} [indent]
 */
function paragraph(text, format, indent = '    ') {
  const screen = stdout()
  for (const line of wrap(printable(text), screen.proseColumns, indent)) {
    screen.line(format ? screen.style(format, line) : line)
  }
}

/**
 * What may be copied stays in one piece, however long.
 * @param {string} text
 * @param {Format} [format]
 * @param {string} [indent]
 */
function whole(text, format, indent = '    ') {
  const safe = indent + printable(text)
  stdout().line(format ? stdout().style(format, safe) : safe)
}

/**
 * @param {DirectoryReport} directory
 * @param {EntryReport[]} entries
 */
function directoryWords({ path, legacy, status, detail }, entries) {
  switch (status) {
    case 'read': {
      const inside = entries.filter((entry) => parentOf(entry.path) === path).length
      return inside
        ? `${counted(inside, 'entry', 'entries')} in it.`
        : 'Empty: no Osaurus runs that publishes here.'
    }
    case 'missing':
      return legacy
        ? 'Not there, which is as it should be: only versions of Osaurus before February 2026 publish here.'
        : 'Not there: no Osaurus has published here yet.'
    case 'not-a-directory':
      return 'Something that is not a folder is in its place.'
    case 'access-denied':
      return `There, but it may not be read: ${detail}.`
    case 'error':
      return `There, but it cannot be read: ${detail}.`
  }
}

/** @param {string} path */
function parentOf(path) {
  return path.replace(/[\\/][^\\/]*$/, '')
}

/**
 * @param {EntryReport} entry
 * @param {number} now
 * @returns {{ name: string, format: Format, words: string[] }}
 */
function describe(entry, now) {
  switch (entry.status) {
    case 'running': {
      const { instance, probe } = entry
      const published = `Published ${ago(instance.updatedAt, now)}, with the address ${instance.address}.`
      const exposed = instance.exposeToNetwork ? ['It is exposed to the network.'] : []
      const answer = probe ? [answerOf(probe)] : ['Its server was not asked, since --no-verify was given.']
      return { name: `Runs at ${instance.url}`, format: 'green', words: [published, ...exposed, ...answer] }
    }
    case 'starting':
    case 'restarting': {
      const words = [
        `It says so since it published ${ago(entry.updatedAt, now)}; where it will listen is not known yet.`,
      ]
      return { name: `Is ${entry.status}`, format: 'yellow', words }
    }
    case 'ignored': {
      const { reason, detail, instance, probe } = entry
      const said = instance ? [`Published ${ago(instance.updatedAt, now)}: running at ${instance.url}.`] : []
      const answer = probe ? answerOf(probe) : sentence(detail)
      return { name: `Left out: ${reason}`, format: 'yellow', words: [...said, answer] }
    }
  }
}

/** @param {ProbeReport} probe */
function answerOf({ outcome, url, durationMs, accessKey, detail }) {
  const time = `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`
  switch (outcome) {
    case 'osaurus': {
      const key = { required: ' It asks for an access key.', 'not-required': ' It asks for no access key.' }
      return `${url} answered as Osaurus after ${time}.${accessKey ? key[accessKey] : ''}`
    }
    case 'refused':
      return `${url} refused the connection: nothing listens there, so this is what a crash left behind.`
    case 'timed-out':
      return `${url} gave no answer within ${time}.`
    case 'not-osaurus':
      return `${url} is not Osaurus: it ${detail}.`
    case 'error':
      return `${url} could not be asked: ${detail}.`
  }
}

/** @param {string} words */
function sentence(words) {
  return `${words[0].toUpperCase()}${words.slice(1)}.`
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} several
 */
function counted(count, one, several) {
  return `${count} ${count === 1 ? one : several}`
}

module.exports = { doctor }
