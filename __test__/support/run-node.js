// Runs code in separate Node.js processes, also as an unprivileged user.
'use strict'

require('./no-fallback.js')
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const PROJECT = path.resolve(__dirname, '..', '..')

/** The id of the unprivileged user on Linux and macOS. */
const UNPRIVILEGED_USER = 65534

/**
 * @typedef {object} Run
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs Node.js until it exits. A process that hangs is killed after a minute, which `signal` then shows.
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<Run>}
 */
function runNode(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: PROJECT,
      timeout: 60_000,
      killSignal: 'SIGKILL',
      ...options,
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/**
 * Runs a file of __test__/fixtures in a process of its own and returns the result of the async function that it exports.
 * The function is called with the package and with `data`. If it fails, so does this.
 * @param {string} fixture its path below __test__/fixtures
 * @param {{ data?: unknown, packageDir?: string } & import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<any>}
 */
async function runFixture(fixture, { data, packageDir = PROJECT, ...options } = {}) {
  return resultOf(await runNode(fixtureArguments(fixture, data, packageDir), options))
}

/**
 * The arguments with which Node.js runs a fixture, for tests that start the process in another way.
 * @param {string} fixture
 * @param {unknown} data
 * @param {string} [packageDir]
 */
function fixtureArguments(fixture, data, packageDir = PROJECT) {
  const tests = path.join(fs.existsSync(path.join(packageDir, '__test__')) ? packageDir : PROJECT, '__test__')
  const runner = path.join(tests, 'support', 'fixture-runner.js')
  return [runner, path.join(tests, 'fixtures', fixture), packageDir, JSON.stringify(data ?? null)]
}

/**
 * Runs a short script, the body of an async function, in a process of its own and returns its result. The script has
 * `discovery`, the package, and `data`. If it fails, so does this. Longer scripts belong into fixtures: see `runFixture`.
 * @param {string} script
 * @param {{ data?: unknown, packageDir?: string } & import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<any>}
 */
async function evaluate(script, { data, packageDir = PROJECT, ...options } = {}) {
  const source = `(async () => {
    const data = JSON.parse(process.argv[1])
    const discovery = require(${JSON.stringify(packageDir)})
    ${script}
  })().then(
    (result) => process.stdout.write('\\n' + JSON.stringify(result ?? null)),
    (error) => { console.error(error); process.exitCode = 1 },
  )`
  return resultOf(await runNode(['-e', source, JSON.stringify(data ?? null)], options))
}

/** The JSON on the last line of stdout. @param {Run} run @returns {any} */
function resultOf({ code, signal, stdout, stderr }) {
  if (code !== 0) throw new Error(`the script ended with ${code ?? signal}:\n${stderr}${stdout}`)
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1))
}

/**
 * Options for `evaluate` and `runFixture` that run them as a user to whom file modes apply: an unprivileged one if this
 * process is root, this one otherwise. The package and the fixtures are copied to a place where that user can read them.
 * @param {string} root a directory that the test removes
 */
function unprivileged(root) {
  const packageDir = fs.mkdtempSync(path.join(root, 'package-'))
  for (const directory of [root, packageDir]) fs.chmodSync(directory, 0o755)
  for (const name of fs.readdirSync(PROJECT)) {
    if (['index.js', 'testing.js', 'package.json', 'lib'].includes(name) || name.endsWith('.node')) {
      fs.cpSync(path.join(PROJECT, name), path.join(packageDir, name), { recursive: true })
    }
  }
  for (const name of ['fixtures', 'support'])
    fs.cpSync(path.join(PROJECT, '__test__', name), path.join(packageDir, '__test__', name), {
      recursive: true,
    })
  const user = process.getuid?.() === 0 ? { uid: UNPRIVILEGED_USER, gid: UNPRIVILEGED_USER } : {}
  return { packageDir, cwd: packageDir, ...user }
}

module.exports = { PROJECT, evaluate, fixtureArguments, runFixture, runNode, unprivileged }
