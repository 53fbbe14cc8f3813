// Checks the Rust core and the addon for invalid memory accesses and leaks, on Linux.
//
//   npm run test:memory                    all three
//   npm run test:memory -- tests addon     these
//
//   address    the Rust tests with AddressSanitizer, which also finds leaks
//   tests      the Rust tests in valgrind's memcheck, which also finds uninitialized memory
//   addon      the addon in Node.js in memcheck, with garbage collections between and during the calls
//
// AddressSanitizer comes with the compiler; valgrind has to be installed (apt-get install valgrind). It takes minutes,
// because programs run slowly under it.
'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { run } = require('./run.js')

const root = path.join(__dirname, '..')
const ROUNDS = 10

/** References that napi keeps: to three classes and one function, in each thread that loads the addon. */
const KEPT_REFERENCES = 4 * (1 + ROUNDS)

const MEMCHECK = ['--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite']

/** Builds the Rust tests as a program. @param {string} target the build directory @param {Record<string, string>} [env] */
function testProgram(target, env) {
  const platform = /^host: (.*)$/m.exec(spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout)?.[1] ?? ''
  const args = ['test', '--no-run', '--lib', '--no-default-features', '--message-format=json']
  const built = spawnSync('cargo', [...args, '--quiet', '--target', platform, '--target-dir', target], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const program = built.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line).executable)
    .find(Boolean)
  if (built.status !== 0 || !program) throw new Error('the Rust tests cannot be built')
  return program
}

/** @type {Record<string, () => void>} */
const CHECKS = {
  address() {
    // The stable compiler supports it behind an unstable option.
    const env = { RUSTC_BOOTSTRAP: '1', RUSTFLAGS: '-Zsanitizer=address' }
    run(testProgram(path.join(root, 'target', 'address-sanitizer'), env), [])
  },

  tests() {
    const program = testProgram(path.join(root, 'target'))
    run('valgrind', ['--quiet', '--error-exitcode=9', ...MEMCHECK, program, '--test-threads=1'])
  },

  addon() {
    // Without a JIT compiler, whose code memcheck cannot follow.
    const node = [process.execPath, '--expose-gc', '--jitless']
    const script = path.join(__dirname, 'test-memory-calls.js')
    const args = [...MEMCHECK, '--num-callers=40', ...node, script, String(ROUNDS)]
    const { status, stdout, stderr, error } = spawnSync('valgrind', args, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    if (error) throw error
    process.stdout.write(stdout)
    if (status !== 0) throw new Error(stderr)
    // A report is a paragraph with the place of the access, or of the allocation that leaked.
    const reports = stderr.split(/^==\d+== \n/m).filter((text) => /^==\d+== {4}at 0x/m.test(text))
    const ours = reports.filter((text) => text.includes('osaurus-discovery.'))
    const kept = ours.filter((text) => text.includes('napi_create_reference'))
    const blocks = kept.reduce((sum, text) => sum + Number(/ in ([\d,]+) blocks/.exec(text)?.[1]), 0)
    for (const text of ours.filter((each) => !kept.includes(each))) console.error(text)
    console.log(
      `reports: ${reports.length - ours.length} of Node alone, ${ours.length - kept.length} of ours`,
    )
    console.log(`references that are kept: ${blocks}, expected ${KEPT_REFERENCES}`)
    if (ours.length > kept.length || blocks > KEPT_REFERENCES || !/ERROR SUMMARY/.test(stderr))
      process.exitCode = 1
  },
}

const named = process.argv.slice(2)
const unknown = named.find((name) => !(name in CHECKS))
if (unknown !== undefined) {
  console.error(`usage: npm run test:memory -- [${Object.keys(CHECKS).join('|')}]...`)
  process.exit(2)
}
for (const name of named.length > 0 ? named : Object.keys(CHECKS)) {
  console.log(`\n${name}`)
  CHECKS[name]()
}
