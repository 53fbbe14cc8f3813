// What does the API reference look like that is generated from the types? npm run docs:api writes it to target/api.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { run } = require('./run.js')

/** TypeDoc reads types by way of TypeScript's JavaScript, which our own, newer TypeScript has no more. */
const TOOLS = ['typedoc@0.28.20', 'typescript@5.9.3']

const root = path.join(__dirname, '..')
const output = path.join('target', 'api')
const doors = ['index.d.ts', 'electron.d.ts', 'preload.d.ts', 'testing.d.ts']

// The four alone: our JavaScript and the tests would be read too.
const config = path.join(root, 'target', 'api.tsconfig.json')
fs.mkdirSync(path.dirname(config), { recursive: true })
fs.writeFileSync(
  config,
  JSON.stringify({
    extends: '../tsconfig.electron.json',
    include: doors.map((name) => path.join(root, name)),
  }),
)

run('npm', [
  'exec',
  '--yes',
  '--loglevel=error',
  ...TOOLS.map((tool) => `--package=${tool}`),
  '--',
  'typedoc',
  ...[
    '--tsconfig',
    config,
    '--out',
    output,
    '--name',
    'osaurus-discovery',
    '--readme',
    'none',
    '--disableSources',
    '--excludeExternals',
  ],
  ...[
    '--treatWarningsAsErrors',
    '--validation.notExported',
    '--validation.invalidLink',
    '--logLevel',
    'Warn',
  ],
  ...doors,
])
console.log(`The API reference: ${path.join(root, output, 'index.html')}`)
