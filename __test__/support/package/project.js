// Creates empty projects in which a test installs the package as a user does.
'use strict'

require('../no-fallback.js')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { promisify } = require('node:util')

const { runtimeDirectory } = require('../runtime-directory.js')
const { temporaryDirectory } = require('../temporary-directory.js')
const { startRegistry } = require('./registry.js')
const { toolCommand } = require('./tools.js')

const FIXTURES = path.join(__dirname, '..', '..', 'fixtures', 'package')

/** Programs that an installation would call if it compiled anything. */
const COMPILERS = ['cargo', 'rustc', 'cc', 'gcc', 'clang', 'node-gyp']

class UserProject {
  /** @type {{ url: string, close: () => void } | undefined} */
  #registry

  /**
   * @param {string} root removed as a whole when the tests end
   * @param {NodeJS.ProcessEnv} variables for everything that runs in the project
   */
  constructor(root, variables) {
    this.root = root
    this.variables = variables
    this.directory = path.join(root, 'project')
    this.modules = path.join(this.directory, 'node_modules')
    this.compiled = path.join(root, 'a-compiler-was-called')
  }

  async start() {
    this.#registry = await startRegistry(fs.mkdtempSync(path.join(this.root, 'registry-')))
    for (const name of ['bin', 'temporary']) fs.mkdirSync(path.join(this.root, name))
    for (const name of COMPILERS)
      fs.writeFileSync(
        path.join(this.root, 'bin', name),
        `#!/bin/sh\necho ${name} >> '${this.compiled}'\nexit 1\n`,
        { mode: 0o755 },
      )
    this.write('package.json', JSON.stringify({ name: 'project', private: true }))
    // pnpm reads the registry only from here.
    this.write('.npmrc', `registry=${this.#registry.url}/\n`)
  }

  stop() {
    this.#registry?.close()
  }

  /** @param {string} name @param {string} content */
  write(name, content) {
    const file = path.join(this.directory, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, content)
    return file
  }

  get env() {
    // Settings that the npm running this test exports would change what the project's npm does.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))
    return {
      ...env,
      HOME: this.root,
      TMPDIR: path.join(this.root, 'temporary'),
      PATH: `${path.join(this.root, 'bin')}${path.delimiter}${process.env.PATH}`,
      npm_config_registry: this.#registry?.url,
      npm_config_cache: path.join(this.root, 'cache'),
      npm_config_userconfig: path.join(this.root, 'npmrc'),
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
      // Other package managers. None may wait before it installs a version that was published just now.
      YARN_CACHE_FOLDER: path.join(this.root, 'yarn-cache'),
      BUN_CONFIG_REGISTRY: this.#registry?.url,
      YARN_REGISTRY: this.#registry?.url,
      YARN_NPM_REGISTRY_SERVER: this.#registry?.url,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
      YARN_NPM_MINIMAL_AGE_GATE: '0',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: 'false',
      ...this.variables,
    }
  }

  /** Runs a command; rejects with its output if it fails. @param {string} command @param {string[]} args */
  async run(command, ...args) {
    // npm is a batch file on Windows.
    const shell = process.platform === 'win32' && !path.isAbsolute(command)
    const options = { cwd: this.directory, env: this.env, timeout: 120_000, shell }
    try {
      return (await promisify(execFile)(command, args, options)).stdout
    } catch (error) {
      const { stdout, stderr, code } = /** @type {any} */ (error)
      throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
    }
  }

  /** @param {string[]} args */
  npm(...args) {
    return this.run('npm', ...args, '--loglevel=error')
  }

  /** @param {string[]} args */
  node(...args) {
    return this.run(process.execPath, ...args)
  }

  /** @param {import('./tools.js').Tool} name @param {string[]} args */
  tool(name, ...args) {
    const [program, ...first] = toolCommand(name)
    return this.run(program, ...first, ...args)
  }

  /** Copies a fixture into the project. @param {string} name @param {string} [target] */
  copyFixture(name, target = name) {
    return this.write(target, fs.readFileSync(path.join(FIXTURES, name), 'utf8'))
  }

  /** The names of the installed packages of this project. */
  installed() {
    return fs.readdirSync(this.modules).filter((name) => name.startsWith('osaurus-discovery'))
  }
}

/**
 * @param {{ after(fn: () => unknown): void }} t
 * @param {NodeJS.ProcessEnv} [variables] for everything that runs in the project
 * @returns {Promise<UserProject>}
 */
async function emptyProject(t, variables = {}) {
  const project = new UserProject(temporaryDirectory(t), variables)
  await project.start()
  t.after(() => project.stop())
  return project
}

/** A runtime directory in which one Osaurus is published. @param {{ after(fn: () => unknown): void }} t */
function published(t) {
  const runtime = runtimeDirectory(t)
  runtime.publish()
  return runtime.baseDir
}

/** @typedef {UserProject} Project */

module.exports = { emptyProject, published }
