// Bundles each JavaScript file that a user loads with what it requires from lib/, readable and in one file.
//
// A file costs a sixth of a millisecond to find and read, and V8 reads the body of a function twice. So the thirty modules of
// a checkout, or a bundle with each in a function of its own, take longer to load than the addon. Names stay and lines are not
// shortened, because the stack traces of an app lead into these files.
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const esbuild = require('esbuild')

const { toEsModule } = require('./pack-modules.js')

const root = path.join(__dirname, '..')

/**
 * Files that are loaded when they are first needed, because few apps need them, or, for the command line, because the file
 * before it runs on older versions of Node.js.
 * @type {readonly string[]}
 */
const LATE = [
  'lib/addon/missing.js',
  'lib/cli/run-command.js',
  'lib/client/client.js',
  'lib/client/create-fetch.js',
  'lib/client/launch.js',
  'lib/client/opener.js',
  'lib/electron/fetch-options.js',
  'lib/electron/key-store.js',
  'lib/electron/sandboxed-runtime.js',
]

/**
 * Modules with state that must exist once. Every other module may be part of several bundles.
 * @type {readonly string[]}
 */
const SINGLE = ['lib/client/opener.js', 'lib/electron/register.js', 'lib/fake/publisher.js']

/**
 * Bundles the files that users load, and those that are loaded late.
 * @param {readonly string[]} entries relative to the project
 * @param {object} packageJson of the published package, of which a bundle contains the fields that it reads
 * @returns {Map<string, string>} the text of each
 */
function bundleAll(entries, packageJson) {
  const files = [...entries, ...LATE]
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-bundle-'))
  try {
    convertAll(files, directory)
    fs.writeFileSync(path.join(directory, 'package.json'), JSON.stringify(packageJson))
    const bundles = files.map((entry) => bundle(entry, files, fs.realpathSync(directory)))
    for (const module of SINGLE) requireSingle(module, bundles)
    return new Map(bundles.map(({ entry, text }) => [entry, text]))
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
}

/**
 * Writes ES modules for the bundler: those of lib/ and the files to bundle, which keep their `module.exports`.
 * @param {readonly string[]} files to bundle
 * @param {string} directory
 */
function convertAll(files, directory) {
  const modules = fs
    .readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => `lib/${name.replaceAll(path.sep, '/')}`)
  const absolute = files.map((file) => path.join(root, file))
  for (const file of new Set([...files, ...modules])) {
    const target = path.join(directory, file)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.writeFileSync(target, toEsModule(path.join(root, file), absolute))
  }
}

/**
 * Bundles one file. It requires the others that are bundled.
 * @param {string} entry
 * @param {readonly string[]} files to bundle
 * @param {string} directory of the converted modules
 */
function bundle(entry, files, directory) {
  const { outputFiles, metafile } = esbuild.buildSync({
    absWorkingDir: directory,
    entryPoints: [entry],
    outdir: directory,
    outbase: directory,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    // The sources have only syntax that the oldest runtimes know.
    target: 'esnext',
    external: [
      'electron',
      ...files.filter((file) => file !== entry).map((file) => path.join(directory, file)),
    ],
    // A bundled file exports by module.exports, also now that its imports are those of an ES module.
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
  })
  // esbuild writes the paths of the other files relative to its working directory.
  const text = outputFiles[0].text.replace(
    /\brequire\("\.\/([^"]+)"\)/g,
    (_, file) => `require("${relativeId(entry, file)}")`,
  )
  if (entry.includes('/') && text.includes('__dirname'))
    throw new Error(`${entry} is not in the directory of the package, for which __dirname was converted`)
  return { entry, text, modules: Object.keys(metafile.inputs) }
}

/** @param {string} from @param {string} file */
function relativeId(from, file) {
  const id = path.posix.relative(path.posix.dirname(from), file)
  return id.startsWith('.') ? id : `./${id}`
}

/**
 * @param {string} module
 * @param {ReturnType<typeof bundle>[]} bundles
 */
function requireSingle(module, bundles) {
  const owners = bundles.filter(({ modules }) => modules.includes(module)).map(({ entry }) => entry)
  if (owners.length === 1) return
  const found = owners.join(', ') || 'no bundle'
  throw new Error(`${module} has state, so it must be part of one bundle, but it is part of ${found}`)
}

module.exports = { LATE, bundleAll }
