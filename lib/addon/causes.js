// Lists the causes for which the addon does not load, each with its solution.
'use strict'

const path = require('path')

const { exists } = require('./exists.js')

const { optionalDependencies } = /** @type {any} */ (require('../../package.json'))

/** @typedef {import('./facts.js').Facts} Facts */

/**
 * @typedef {object} Cause
 * @property {string} name
 * @property {(facts: Facts) => boolean} applies judges codes and system facts first; messages only where there is no code
 * @property {(facts: Facts) => string[]} explain lines for the developer of the app
 */

/** @type {Cause[]} */
const REFUSED_BY_RUNTIME = [
  {
    name: 'permission model without addons',
    applies: ({ code, hasPermissionModel }) => code === 'ERR_DLOPEN_DISABLED' && hasPermissionModel,
    explain: () => [
      "Node's permission model is on, which forbids addons. Add this flag to those that Node is started with:",
      '  --allow-addons',
    ],
  },
  {
    name: 'addons disabled',
    applies: ({ code }) => code === 'ERR_DLOPEN_DISABLED',
    explain: () => [
      'Node was started with --no-addons, on its command line or in NODE_OPTIONS. Start Node without that flag.',
    ],
  },
  {
    name: 'permission model without reading',
    applies: ({ code }) => code === 'ERR_ACCESS_DENIED',
    explain: ({ root }) => [
      "Node's permission model is on, and this process may not read the addon. Add these flags to those that Node is started with:",
      `  --allow-addons --allow-fs-read=${path.dirname(String(root))}`,
    ],
  },
  {
    name: 'Deno without permissions',
    applies: ({ isDeno, error }) => isDeno && !!error && /^(NotCapable|PermissionDenied)$/.test(error.name),
    explain: () => ['Deno loads addons only with these permissions:', '  deno run --allow-read --allow-ffi'],
  },
]

/** How a compiled program loads packages from a node_modules beside it. */
const FROM_EXECUTABLE = [
  'a node_modules beside the executable, and load it from there:',
  "  const { createRequire } = require('module')",
  "  const osaurus = createRequire(process.execPath)('osaurus-discovery')",
]

/** @type {Cause[]} */
const BUNDLED = [
  {
    name: 'single executable application',
    applies: ({ code }) => code === 'ERR_UNKNOWN_BUILTIN_MODULE',
    explain: () => [
      'This is a single executable application of Node, in which require() finds only built-in modules. Keep osaurus-discovery',
      'external (esbuild: --external:osaurus-discovery), install it into',
      ...FROM_EXECUTABLE,
    ],
  },
  {
    name: 'executable compiled by Bun',
    applies: ({ isBunExecutable }) => isBunExecutable,
    explain: () => [
      'This program was compiled by `bun build --compile`, which does not include the addon. Keep osaurus-discovery external',
      '(--external osaurus-discovery), install it into',
      ...FROM_EXECUTABLE,
    ],
  },
  {
    name: 'bundle',
    applies: ({ isBundled, code, fault }) => isBundled && code !== 'ERR_DLOPEN_FAILED' && !fault,
    explain: ({ root, build }) => [
      `osaurus-discovery was bundled into ${root === undefined ? 'an ES module' : `a file of ${root}`}, and bundlers do not include the addon.`,
      'Keep osaurus-discovery external:',
      '  esbuild: --external:osaurus-discovery --external:osaurus-discovery/*',
      '  Rollup, Vite: external: [/^osaurus-discovery/]',
      '  webpack: externals: [({ request }, done) => (/^osaurus-discovery/.test(request) ? done(null, `commonjs ${request}`) : done())]',
      `and ship the packages osaurus-discovery and osaurus-discovery-${build} in a node_modules beside the bundle or above it.`,
    ],
  },
]

/** @type {Cause[]} */
const REFUSED_BY_SYSTEM = [
  {
    // dyld reports it by its message only.
    name: 'code signature',
    applies: ({ error }) => !!error && /code signature|Team ID/i.test(error.message),
    explain: () => [
      "macOS refuses the file because of its signature. Sign every .node file of the app with the app's own certificate.",
    ],
  },
  {
    name: 'addon of another platform',
    applies: ({ fault }) => fault === 'foreign',
    explain: ({ manager, build }) => [
      'The file is made for another platform: node_modules comes from another system, or another kind of Node.',
      ...manager.foreign(build),
    ],
  },
  {
    name: 'damaged file',
    applies: ({ fault }) => fault === 'damaged',
    explain: ({ manager, build }) => [
      'The installed addon is damaged or incomplete.',
      ...manager.damaged(build),
    ],
  },
  {
    // glibc reports these by their messages only.
    name: 'file system without execution',
    applies: ({ error }) => !!error && /failed to map segment/.test(error.message),
    explain: ({ file }) => [
      `The file system of ${file} does not allow execution (mount option noexec). Install the app on another one.`,
    ],
  },
  {
    name: 'file without read access',
    applies: ({ error }) => !!error && /Permission denied|Access is denied|errno=13\b/i.test(error.message),
    explain: ({ file }) => [
      `The user of this process may not read ${file}, perhaps because another user installed it.`,
      'Give that user read access to the file and to the directories above it.',
    ],
  },
  {
    name: 'old glibc',
    applies: ({ error }) => !!error && /version `GLIBC\w*_[\d.]+' not found/.test(error.message),
    explain: () => ['The C library of this system is too old: the addon needs glibc 2.17 or later.'],
  },
  {
    name: 'limit of open files',
    applies: ({ error }) => !!error && /Too many open files/i.test(error.message),
    explain: () => [
      'The process has no file descriptor left. Close files, or raise its limit (ulimit -n); the installation is complete.',
    ],
  },
  {
    name: 'refused by the system',
    applies: ({ error }) => error !== undefined,
    explain: ({ manager, build }) => [
      'The file exists, and the system refuses to load it for the reason above. If the reason suggests that the file is damaged:',
      ...manager.damaged(build),
    ],
  },
]

/** @type {Cause[]} */
const NOT_INSTALLED = [
  {
    name: 'checkout',
    applies: ({ root }) => root !== undefined && exists(path.join(root, 'Cargo.toml')),
    explain: () => ['This is a checkout in which the addon is not built yet. Build it:', '  npm run setup'],
  },
  {
    name: 'asar archive',
    applies: ({ root }) => root !== undefined && /\.asar([\\/]|$)/.test(root),
    explain: ({ build, manager }) => [
      'The app was packed in an asar archive without the addon. Before packing, install the addon beside osaurus-discovery.',
      ...manager.leftOut(build),
      'Keep it outside of the archive: asarUnpack: ["**/*.node"] (electron-builder), asar: { unpack: "**/*.node" } (Electron Forge).',
      'If the main process is bundled, keep osaurus-discovery external and copy its packages into the app.',
    ],
  },
  {
    name: 'packed by npm pack',
    applies: () => !optionalDependencies,
    explain: ({ build }) => [
      'This package was packed from a checkout by npm pack, which leaves the addon out. In the checkout, pack both packages, and',
      'install them together:',
      `  npm run pack:all -- packages main ${build}`,
    ],
  },
  {
    name: 'addons of other platforms only',
    applies: ({ otherBuilds }) => otherBuilds.length > 0,
    explain: ({ otherBuilds, manager, build }) => [
      `Only ${otherBuilds.join(', ')} is installed: node_modules comes from another system, or another kind of Node.`,
      ...manager.foreign(build),
    ],
  },
  {
    name: 'optional dependency left out',
    applies: () => true,
    explain: ({ manager, build }) => manager.leftOut(build),
  },
]

/** The first cause that applies is the one to report. @type {Cause[]} */
const CAUSES = [
  {
    name: 'unsupported platform',
    applies: ({ builds }) => builds.length === 0,
    explain: ({ platforms }) => [
      `The addon is built for ${platforms.join(', ')} only. Osaurus itself runs on macOS, so on other systems an app can do`,
      'without the package: call require() inside try, and treat this error as "no Osaurus".',
    ],
  },
  ...REFUSED_BY_RUNTIME,
  ...BUNDLED,
  ...REFUSED_BY_SYSTEM,
  ...NOT_INSTALLED,
]

module.exports = { CAUSES }
