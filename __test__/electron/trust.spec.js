// Tests the default rule for trusted pages.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe, test } = require('node:test')
const { pathToFileURL } = require('node:url')

const { isPageOfTheApp } = require('../../lib/electron/trust.js')

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-trust-'))
after(() => fs.rmSync(scratch, { recursive: true }))

const app = path.join(scratch, 'app with spaces & ümlauts')
const outside = path.join(scratch, 'outside')
for (const directory of [path.join(app, 'pages'), outside]) fs.mkdirSync(directory, { recursive: true })
for (const file of [
  'app with spaces & ümlauts/index.html',
  'app with spaces & ümlauts/pages/50%.html',
  'outside/evil.html',
])
  fs.writeFileSync(path.join(scratch, file), '')
fs.mkdirSync(`${app}-evil`)
fs.writeFileSync(path.join(`${app}-evil`, 'index.html'), '')
fs.symlinkSync(outside, path.join(app, 'link'))
fs.symlinkSync(path.join(app, 'index.html'), path.join(app, 'inner-link.html'))
fs.symlinkSync(path.join(scratch, 'nowhere.html'), path.join(app, 'dangling.html'))
fs.symlinkSync(app, path.join(scratch, 'app-link'))

const url = (/** @type {string} */ file) => pathToFileURL(path.join(app, file)).href
const appUrl = pathToFileURL(app).href
const context = {
  appPath: app,
  isPackaged: true,
  handlesScheme: (/** @type {string} */ scheme) => scheme === 'app',
}

/**
 * @typedef {Partial<import('../../lib/electron/trust.js').TrustContext> & { isMainFrame?: boolean }} Variation
 * @type {Array<[name: string, url: string, trusted: boolean, variation?: Variation]>}
 */
const CASES = [
  ['a file of the app is trusted', url('index.html'), true],
  [
    'a file in a directory of the app, with a percent sign in its name, is trusted',
    url('pages/50%.html'),
    true,
  ],
  ['query and fragment are ignored', `${url('index.html')}?x=/../..#y`, true],
  ['a deleted file is judged by its path', url('pages/gone/index.html'), true],
  ['a link inside the app to another of its files is trusted', url('inner-link.html'), true],
  [
    'an app directory that is a link is resolved',
    url('index.html'),
    true,
    { appPath: `${scratch}/app-link` },
  ],
  [
    'a page reached through a link to the app is trusted',
    pathToFileURL(`${scratch}/app-link/index.html`).href,
    true,
  ],
  ['a subframe is not trusted', url('index.html'), false, { isMainFrame: false }],
  ['the app directory itself is not a page', appUrl, false],
  ['a file outside of the app is not trusted', pathToFileURL(path.join(outside, 'evil.html')).href, false],
  ['a directory whose name begins with that of the app is outside', `${appUrl}-evil/index.html`, false],
  ['dot segments lead out of the app', `${appUrl}/../outside/evil.html`, false],
  ['encoded dot segments lead out of the app', `${appUrl}/%2e%2e/outside/evil.html`, false],
  [
    'dot segments that lead out and in again are trusted',
    `${appUrl}/../${path.posix.basename(appUrl)}/index.html`,
    true,
  ],
  ['an encoded slash is denied', `${appUrl}/pages%2f..%2f..%2foutside/evil.html`, false],
  ['an encoded zero byte is denied', `${appUrl}/index.html%00.png`, false],
  ['a path that is not UTF-8 is denied', `${appUrl}/%ff.html`, false],
  ['a link out of the app is denied', url('link/evil.html'), false],
  ['a dangling link is denied', url('dangling.html'), false],
  ['a host in a file URL is another machine', `file://server${new URL(appUrl).pathname}/index.html`, false],
  ['localhost in a file URL is this machine', `file://localhost${new URL(appUrl).pathname}/index.html`, true],
  ['four slashes are another machine', `file:////server/share/index.html`, false],
  ['a scheme that the session handles is trusted', 'app://bundle/index.html', true],
  ['a scheme in capitals is the same scheme', 'APP://bundle/index.html', true],
  ['a scheme that the app does not handle is not trusted', 'other://bundle/index.html', false],
  [
    'localhost is trusted while the app is not packaged',
    'http://localhost:5173/',
    true,
    { isPackaged: false },
  ],
  [
    '127.0.0.1 is trusted while the app is not packaged',
    'http://127.0.0.1:5173/',
    true,
    { isPackaged: false },
  ],
  ['[::1] is trusted while the app is not packaged', 'http://[::1]:5173/', true, { isPackaged: false }],
  ['localhost is not trusted in a packaged app', 'http://localhost:1337/plugins/x/', false],
  ['127.0.0.1 is not trusted in a packaged app', 'http://127.0.0.1:1337/plugins/x/', false],
  [
    'a host name that only begins with localhost is not trusted',
    'http://localhost.evil.example/',
    false,
    { isPackaged: false },
  ],
  ['localhost as a user name is not trusted', 'http://localhost@evil.example/', false, { isPackaged: false }],
  ['another address of loopback is not trusted', 'http://127.0.0.2:5173/', false, { isPackaged: false }],
  ['0.0.0.0 is not trusted', 'http://0.0.0.0:5173/', false, { isPackaged: false }],
  ['https on localhost is not trusted', 'https://localhost:5173/', false, { isPackaged: false }],
  ['an empty URL is not trusted', '', false],
  ['text that is not a URL is not trusted', 'index.html', false],
  ...['http://example.com/', 'https://example.com/', 'data:text/html,x', 'about:blank', 'about:srcdoc'].map(
    never,
  ),
  ...['blob:file:///x', 'javascript:0', 'devtools://devtools/x', 'filesystem:file:///x', 'chrome://gpu/'].map(
    never,
  ),
  ...['view-source:app://bundle/', 'chrome-extension://abc/x.html', 'ws://localhost/', 'wss://x/'].map(never),
]

/** @param {string} address @returns {[string, string, boolean, Variation]} */
function never(address) {
  return [
    `${address} is not trusted, even if the session handles it`,
    address,
    false,
    { handlesScheme: () => true },
  ]
}

const WINDOWS = { platform: /** @type {const} */ ('win32'), realPath: (/** @type {string} */ file) => file }
const onWindows = { ...WINDOWS, appPath: 'C:\\Program Files\\Example\\resources\\app.asar' }

/** @type {typeof CASES} */
const WINDOWS_CASES = [
  [
    'a file inside the asar is trusted',
    'file:///C:/Program%20Files/Example/resources/app.asar/index.html',
    true,
  ],
  ['letter case is ignored', 'file:///c:/program%20files/EXAMPLE/Resources/App.asar/index.html', true],
  [
    'a drive letter with a bar is the drive',
    'file:///C|/Program%20Files/Example/resources/app.asar/index.html',
    true,
  ],
  [
    'the directory beside the asar is outside',
    'file:///C:/Program%20Files/Example/resources/app.asar.unpacked/x.html',
    false,
  ],
  ['another drive is outside', 'file:///D:/Program%20Files/Example/resources/app.asar/index.html', false],
  ['a share is outside', 'file://server/C$/Program%20Files/Example/resources/app.asar/index.html', false],
  [
    'a share of this machine is outside',
    'file:////localhost/C$/Example/resources/app.asar/index.html',
    false,
  ],
  [
    'a path without a drive is outside',
    'file:///Program%20Files/Example/resources/app.asar/index.html',
    false,
  ],
  ['a device path is outside', 'file:////?/C:/Program%20Files/Example/resources/app.asar/index.html', false],
  [
    'an encoded backslash is denied',
    'file:///C:/Program%20Files/Example/resources/app.asar/..%5c..%5cevil.html',
    false,
  ],
  [
    'a backslash counts as a slash',
    'file:///C:\\Program%20Files\\Example\\resources\\app.asar\\..\\..\\evil.html',
    false,
  ],
]

describe('the default rule', () => {
  for (const [name, address, trusted, { isMainFrame = true, ...variation } = {}] of CASES)
    test(name, () => {
      assert.equal(isPageOfTheApp({ url: address, isMainFrame }, { ...context, ...variation }), trusted)
    })
})

describe('the default rule on Windows', () => {
  for (const [name, address, trusted] of WINDOWS_CASES)
    test(name, () => {
      assert.equal(isPageOfTheApp({ url: address, isMainFrame: true }, { ...context, ...onWindows }), trusted)
    })
})

describe('the default rule for an app in an asar, which only Electron reads as a directory', () => {
  const asar = { appPath: '/opt/Example/resources/app.asar', realPath: (/** @type {string} */ file) => file }
  for (const [name, address, trusted] of /** @type {Array<[string, string, boolean]>} */ ([
    ['a page inside the archive is trusted', 'file:///opt/Example/resources/app.asar/dist/index.html', true],
    [
      'a page unpacked beside the archive is not trusted',
      'file:///opt/Example/resources/app.asar.unpacked/index.html',
      false,
    ],
    [
      'a page of another archive is not trusted',
      'file:///opt/Example/resources/other.asar/index.html',
      false,
    ],
  ]))
    test(name, () => {
      assert.equal(isPageOfTheApp({ url: address, isMainFrame: true }, { ...context, ...asar }), trusted)
    })
})
