// How does a test run code in a Node process of its own, and as a user who is not root?
'use strict'

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const PROJECT = path.resolve(__dirname, '..', '..')

/** The user without any rights, on Linux and macOS alike called nobody. */
const NOBODY = 65534

/**
 * @typedef {object} Run
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs Node and waits for its end. One that hangs is killed after a minute, and `signal` then says so.
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
 * Runs a script whose last line on stdout is JSON, and gives that. A script that fails is an error with its words.
 * The script has `discovery`, the package, and `data`, what the test gives it.
 * @param {string} script the body of an async function; its result is given
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
  const run = await runNode(['-e', source, JSON.stringify(data ?? null)], options)
  if (run.code !== 0) {
    throw new Error(`the script ended with ${run.code ?? run.signal}:\n${run.stderr}${run.stdout}`)
  }
  return JSON.parse(run.stdout.slice(run.stdout.lastIndexOf('\n') + 1))
}

/**
 * Options for `evaluate` that make it run as a user to whom file modes mean something: nobody where this process
 * is root, itself otherwise. The package is copied to where that user can read it.
 * @param {string} root a folder of the test's own, removed by it
 */
function unprivileged(root) {
  const packageDir = fs.mkdtempSync(path.join(root, 'package-'))
  for (const folder of [root, packageDir]) fs.chmodSync(folder, 0o755)
  for (const name of fs.readdirSync(PROJECT)) {
    if (['index.js', 'package.json', 'lib'].includes(name) || name.endsWith('.node')) {
      fs.cpSync(path.join(PROJECT, name), path.join(packageDir, name), { recursive: true })
    }
  }
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  return { packageDir, cwd: packageDir, ...user }
}

module.exports = { PROJECT, evaluate, runNode, unprivileged }
