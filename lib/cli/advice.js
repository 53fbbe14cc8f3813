// After what inspectRuntime() saw: what should a person do next?
'use strict'

const { basename } = require('node:path')

const { itself } = require('./itself.js')
const { word } = require('./shells.js')

/**
 * @typedef {import('osaurus-discovery').RuntimeReport} RuntimeReport
 * @typedef {import('osaurus-discovery').EntryReport} EntryReport
 * @typedef {{ words: string, commands?: string[] }} Advice
 * @typedef {(command: string) => string} Again how to ask this command in the same folder
 * @typedef {{ baseDir?: string, probeTimeoutMs?: number, platform: NodeJS.Platform, env: NodeJS.ProcessEnv }} Asked
 */

/** Where the file can be read, and says nothing usable. */
const MALFORMED = [
  'not-json',
  'not-an-object',
  'bad-health',
  'bad-port',
  'bad-address',
  'bad-instance-id',
  'bad-expose-to-network',
]

/**
 * The most useful first.
 * @param {RuntimeReport} report
 * @param {Asked} asked
 * @returns {Advice[]}
 */
function advise({ directories, entries }, asked) {
  const dir = asked.baseDir === undefined ? '' : ` --base-dir ${word(asked.baseDir)}`
  /** @type {Again} */
  const again = (command) => `${itself(asked.env)} ${command}${dir}`
  const latest = entries.find((entry) => entry.status === 'running')
  if (latest) return [useIt(latest, again), ...aboutProxies(asked.env)]
  const advice = [
    ...directories.flatMap(aboutDirectory),
    ...aboutWrongFolder(entries, asked),
    ...aboutStarting(entries, again),
    ...aboutSilence(entries, again, asked),
    ...aboutFiles(entries),
  ]
  return advice.length ? advice : startIt(asked)
}

/**
 * @param {Extract<EntryReport, { status: 'running' }>} entry
 * @param {Again} again
 * @returns {Advice}
 */
function useIt({ instance: { url }, probe }, again) {
  const env = `eval "$(${again('env')})"`
  if (!probe) {
    const words = `Its file says that Osaurus runs. Whether that is still true, asking it would tell: run this again without --no-verify.`
    return { words, commands: [again('doctor')] }
  }
  if (probe.accessKey === 'required') {
    const words =
      'Osaurus runs, and asks every client for an access key, because it is exposed to the network. Make a key in its settings and send it along:'
    const header = '-H "Authorization: Bearer $OPENAI_API_KEY"'
    return {
      words,
      commands: [
        'export OPENAI_API_KEY=osk-v1-... ANTHROPIC_AUTH_TOKEN=osk-v1-...',
        env,
        `curl ${header} ${url}/v1/models`,
      ],
    }
  }
  return { words: 'Osaurus runs and answers. To use it:', commands: [`curl ${url}/v1/models`, env] }
}

/**
 * We ask servers directly; curl and many clients would ask the proxy of the environment, which knows no server of ours.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Advice[]}
 */
function aboutProxies(env) {
  const name = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].find((each) => env[each])
  const excepted = env.no_proxy || env.NO_PROXY || ''
  if (!name || /(^|[\s,])(\*|127\.0\.0\.1)($|[\s,/])/.test(excepted)) return []
  const list = word([...(excepted ? [excepted] : []), '127.0.0.1', 'localhost'].join(','))
  const words = `If a client cannot reach it: ${name} is set, so curl and others ask a proxy for it. Except this machine from that:`
  return [{ words, commands: [`export no_proxy=${list} NO_PROXY=${list}`] }]
}

/**
 * @param {import('osaurus-discovery').DirectoryReport} directory
 * @returns {Advice[]}
 */
function aboutDirectory({ path, status }) {
  switch (status) {
    case 'access-denied':
      return [
        {
          words: `Let your user read ${path}: see who may, and change that. An app in the macOS sandbox has to ask its user for the folder.`,
          commands: [`ls -ld ${word(path)}`],
        },
      ]
    case 'not-a-directory':
      return [
        {
          words: `See what is at ${path}, move it away, and start Osaurus again.`,
          commands: [`ls -l ${word(path)}`],
        },
      ]
    case 'error':
      return [{ words: `Mend what keeps ${path} from being read, and run this again.` }]
    default:
      return []
  }
}

/**
 * Where the folder above the right one was named, that one is an entry without a file.
 * @param {EntryReport[]} entries
 * @param {Asked} asked
 * @returns {Advice[]}
 */
function aboutWrongFolder(entries, { env }) {
  const right = entries.find(
    (entry) =>
      entry.status === 'ignored' && entry.reason === 'missing-file' && basename(entry.path) === 'runtime',
  )
  if (!right) return []
  const words = `The instances are one folder further down, in ${right.path}. Look there:`
  return [{ words, commands: [`${itself(env)} doctor --base-dir ${word(right.path)}`] }]
}

/**
 * @param {EntryReport[]} entries
 * @param {Again} again
 * @returns {Advice[]}
 */
function aboutStarting(entries, again) {
  const entry = entries.find(({ status }) => status === 'starting' || status === 'restarting')
  if (!entry) return []
  const words = `Osaurus is ${entry.status}. Wait for it; if it says so for minutes, it has crashed meanwhile: start it again.`
  return [{ words, commands: [again('wait')] }]
}

/**
 * @param {EntryReport[]} entries
 * @param {Again} again
 * @param {Asked} asked
 * @returns {Advice[]}
 */
function aboutSilence(entries, again, { probeTimeoutMs = 500 }) {
  /** @type {Map<string, Advice>} */
  const advice = new Map()
  for (const entry of entries) {
    const { instance, probe } = entry.status === 'ignored' ? entry : {}
    if (!instance || !probe || advice.has(probe.outcome)) continue
    const { port } = instance
    switch (probe.outcome) {
      case 'refused':
        advice.set('refused', {
          words:
            'Osaurus has crashed or was killed: its file is still there, and no server. Start it again; the file does no harm.',
        })
        break
      case 'timed-out':
        advice.set('timed-out', {
          words: `Something holds port ${port} and does not answer: Osaurus is busy or suspended. Give it more time; if that does not help, quit it and start it again.`,
          commands: [`${again('doctor')} --probe-timeout ${Math.min(probeTimeoutMs * 10, 60_000)}`],
        })
        break
      case 'not-osaurus':
        advice.set('not-osaurus', {
          words: `Another program has port ${port}, where Osaurus was. See which, and quit it, or choose another port in Osaurus' settings; then start Osaurus again.`,
          commands: [`lsof -nP -iTCP:${port} -sTCP:LISTEN`],
        })
        break
      case 'error':
        advice.set('error', {
          words: `The system could not ask port ${port}. Mend what it says, and run this again.`,
        })
    }
  }
  return [...advice.values()]
}

/**
 * @param {EntryReport[]} entries
 * @returns {Advice[]}
 */
function aboutFiles(entries) {
  const advice = []
  const pathOf = (/** @type {(reason: string) => boolean} */ matches) =>
    entries.find((entry) => entry.status === 'ignored' && matches(entry.reason))?.path
  const malformed = pathOf((reason) => MALFORMED.includes(reason))
  if (malformed !== undefined) {
    const words =
      'A file says nothing usable. Look at it; if Osaurus wrote it, tell its makers, otherwise remove it. Then start Osaurus again.'
    // With -v it shows what would command the terminal.
    advice.push({ words, commands: [`cat -v ${word(`${malformed}/configuration.json`)}`] })
  }
  const shut = pathOf((reason) => ['not-a-regular-file', 'too-large', 'unreadable'].includes(reason))
  if (shut !== undefined) {
    const words =
      'A file cannot be read, or is not what Osaurus writes. See what it is and who may read it, mend that, and run this again.'
    advice.push({ words, commands: [`ls -la ${word(shut)}`] })
  }
  return advice
}

/**
 * @param {Asked} asked
 * @returns {Advice[]}
 */
function startIt({ baseDir, platform, env }) {
  const advice = []
  if (baseDir !== undefined) {
    advice.push({
      words:
        'Nothing runs that publishes in this folder. Where Osaurus itself publishes is looked at without --base-dir:',
      commands: [`${itself(env)} doctor`],
    })
  } else if (platform === 'darwin') {
    advice.push({
      words: 'Osaurus does not run for this user. Open the app, or start its server:',
      commands: ['osaurus serve'],
    })
  } else {
    advice.push({
      words: 'Osaurus runs on macOS, and this is another system. To try things out, run a fake one:',
      commands: [`${itself(env)} fake`],
    })
  }
  return advice
}

module.exports = { advise }
