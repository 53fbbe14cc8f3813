// Generates an API reference from the types with TypeDoc, in target/api.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { typeFiles } = require('./docs-pages.js')
const { run } = require('./run.js')

/** TypeDoc uses the JavaScript API of TypeScript, which the newer version of this project no longer has. */
const TOOLS = ['typedoc@0.28.20', 'typescript@5.9.3']

const root = path.join(__dirname, '..')
const output = path.join('target', 'api')

// Only the public types: otherwise the JavaScript and the tests would be read too.
const config = path.join(root, 'target', 'api.tsconfig.json')
fs.mkdirSync(path.dirname(config), { recursive: true })
fs.writeFileSync(
  config,
  JSON.stringify({
    extends: '../tsconfig.electron.json',
    include: typeFiles.map((name) => path.join(root, name)),
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
  ...typeFiles,
])
console.log(`The API reference: ${path.join(root, output, 'index.html')}`)
