// Tests that every snippet of the README works in a project that has the package installed.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { promisify } = require('node:util')

const { startFakeOsaurus } = require('osaurus-discovery/testing')

const root = path.join(__dirname, '..', '..')
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8')

/** @type {{ language: string, code: string, heading: string }[]} */
const snippets = []
let heading = ''
for (const match of readme.matchAll(/^#+ (?<heading>.*)$|^```(?<language>\w+)\n(?<code>[^]*?)^```$/gm)) {
  const groups = /** @type {Record<string, string>} */ (match.groups)
  if (groups.heading) heading = groups.heading
  else snippets.push({ language: groups.language, code: groups.code, heading })
}

/** A home directory in which a fake Osaurus runs, and a project that has installed the package. */
let home = ''
let project = ''
/** @type {import('osaurus-discovery/testing').FakeOsaurus} */
let fake

before(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-readme-'))
  project = path.join(home, 'project')
  fs.mkdirSync(path.join(project, 'node_modules', '.bin'), { recursive: true })
  fs.symlinkSync(root, path.join(project, 'node_modules', 'osaurus-discovery'))
  fs.symlinkSync(
    path.join(root, 'lib/cli/main.js'),
    path.join(project, 'node_modules/.bin/osaurus-discovery'),
  )
  fake = await startFakeOsaurus({ baseDir: path.join(home, '.osaurus', 'runtime') })
})

after(async () => {
  await fake.stop()
  fs.rmSync(home, { recursive: true, force: true })
})

/**
 * @param {string} command
 * @param {string[]} args
 */
async function run(command, args) {
  const env = {
    ...process.env,
    HOME: home,
    PATH: `${project}/node_modules/.bin${path.delimiter}${process.env.PATH}`,
  }
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: project, env, timeout: 60_000 })
  assert.equal(stderr, '', 'nothing is said on stderr')
  return stdout
}

/**
 * @param {{ language: string, code: string }} snippet
 * @param {string} [ending]
 */
function runScript({ language, code }, ending = '') {
  const file = path.join(project, `snippet.${language === 'mjs' ? 'mjs' : 'js'}`)
  fs.writeFileSync(file, code + ending)
  return run(process.execPath, [file])
}

/** What each script prints, by its heading and its place below it. */
const EXPECTED = /** @type {Record<string, (url: string) => RegExp>} */ ({
  "A model's answer 0": () => /^Hello from the fake Osaurus\. This answer is canned\.\n$/,
  'In Node 0': (url) => new RegExp(`^${url} [0-9A-F-]{36}\n$`),
  'Wait and watch 0': (url) =>
    new RegExp(`^(?=.*Osaurus is ready at ${url}\n)(?=.*1 running, 1 new, 0 gone\n)`, 's'),
  'Send requests 0': () => /^\[ 'llama-3.2-3b-instruct' \]\n$/,
  'Test your app without a Mac 0': () => /^\[ 'llama-3.2-3b-instruct' \]\n$/,
})

/** Code that ends scripts that would run forever. */
const ENDINGS = /** @type {Record<string, string>} */ ({
  'Wait and watch 0': `watcher.once('change', () => watcher.close())`,
})

/** Run in a real Electron, where docs/electron.md has them too. */
const IN_ELECTRON = 'An Electron app in a minute'

/** Run in a real Electron by __test__/electron/chat-docs.spec.js. */
const CHAT = 'Chat in a page'

/** Run on two hosts by __test__/network/readme.spec.js. */
const NETWORK = 'Other Macs'

describe('README', () => {
  const places = /** @type {Map<string, number>} */ (new Map())
  for (const snippet of snippets.filter(({ language }) => /^m?js$/.test(language))) {
    const place = places.get(snippet.heading) ?? 0
    places.set(snippet.heading, place + 1)
    const name = `${snippet.heading} ${place}`
    if ([IN_ELECTRON, CHAT, NETWORK].includes(snippet.heading)) continue

    it(`the script under "${snippet.heading}" (${place + 1}) prints what the README shows`, async () => {
      assert.ok(EXPECTED[name], `a snippet without an expectation: ${name}`)
      assert.match(await runScript(snippet, ENDINGS[name]), EXPECTED[name](fake.url))
    })
  }

  it('the files of its Electron app are those of docs/electron.md, which run in a real Electron', () => {
    const app = snippets.filter(({ heading, language }) => heading === IN_ELECTRON && language !== 'sh')
    const files = app.map(({ code }) => /^(?:\/\/|<!--) (\S+)/.exec(code)?.[1])
    assert.deepEqual(files, ['main.js', 'index.html', 'page.js'])
    const page = fs.readFileSync(path.join(root, 'docs', 'electron.md'), 'utf8')
    for (const { code } of app) assert.ok(page.includes(code), code)
  })

  it('the shell commands of the README find the server', async () => {
    const { code } = /** @type {{ code: string }} */ (
      snippets.find((snippet) => snippet.heading === 'From a shell')
    )
    const commands = code
      .replaceAll('npx osaurus-discovery', 'osaurus-discovery')
      .replaceAll('curl "', 'curl -s "')
    const said = await run('sh', ['-euc', `${commands}\necho "\nbase: $OPENAI_BASE_URL"`])
    assert.match(said, /"object":"list"/)
    assert.match(said, new RegExp(`base: ${fake.url}/v1\n`))
  })

  it('the README lists every public function in its table', () => {
    const functions = Object.keys(require('osaurus-discovery'))
    assert.deepEqual(
      functions.filter((name) => !readme.includes(`\`${name}`)),
      [],
    )
  })
})

/** The first cells of all tables of a page. @param {string} name */
function firstCells(name) {
  const rows = fs.readFileSync(path.join(root, 'docs', name), 'utf8').match(/^\| .*/gm) ?? []
  return rows.map((row) => row.split(' | ')[0])
}

describe('docs', () => {
  const types = fs.readFileSync(path.join(root, 'index.d.ts'), 'utf8')
  const codes = [...types.matchAll(/\| '(OSAURUS_[A-Z_]+)'/g)].map((match) => match[1])
  const { DISCOVER_OPTIONS, WAIT_OPTIONS, WATCH_OPTIONS } = require('../../lib/validate.js')
  const functions = Object.keys(require('osaurus-discovery'))

  for (const [page, names] of /** @type {const} */ ([
    ['api.md', [...functions, ...DISCOVER_OPTIONS, ...WAIT_OPTIONS, ...WATCH_OPTIONS, ...codes]],
    ['troubleshooting.md', codes],
  ]))
    it(`${page} has a row for every name that it explains`, () => {
      assert.ok(codes.length > 8)
      const cells = firstCells(page).join('\n')
      assert.deepEqual(
        names.filter((name) => !new RegExp(`\`${name}\\b`).test(cells)),
        [],
      )
    })
})
