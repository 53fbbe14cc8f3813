// Declares `osaurus-discovery/electron`, for Electron's main process.
// @ts-ignore: Without Electron installed, the imported types are `any`.
import type { BrowserWindow, IpcMainEvent, IpcMainInvokeEvent, Session } from 'electron'
import type { InstanceChange, OsaurusErrorCode, OsaurusInstance, WatchOptions } from 'osaurus-discovery'

/** Options of the requests that pages send with `window.osaurus.fetch`. */
export interface PageFetchOptions {
  /**
   * The access key for a server that is exposed to the network, or a function that returns it. The function is called once for
   * each request, after a running server was found; it may return a promise.
   *
   * The key is sent as `Authorization: Bearer`, to a verified Osaurus server only, and never reaches a page. It replaces the
   * `Authorization` and `x-api-key` headers that a client library in the page sets. Default: none; then the page's own
   * `Authorization` header is sent.
   *
   * @example
   * const keys = openAccessKeyStore()
   * registerOsaurus({ preload: true, fetch: { accessKey: () => keys.get() } })
   */
  accessKey?: string | (() => string | null | undefined | Promise<string | null | undefined>) | undefined

  /**
   * How long a request waits for a running server if there is none, in milliseconds: 0 to 2147483647, or `Infinity`.
   * Default: 0, which rejects as soon as it is known that no server runs.
   */
  waitMs?: number | undefined

  /**
   * Routes that pages may request besides inference, such as `'POST /mcp/call'`, `'GET /agents'` or `'* /plugins/notes/**'`. `*`
   * is one method or one segment, `**` the rest of a path. Queries are not compared. Default: none.
   *
   * Inference is `GET` of models and tags, and `POST` of chat/completions, completions, responses, messages, chat, generate,
   * show, embeddings, embed, audio/transcriptions and images/generations. A route without a prefix is also allowed below
   * `/v1`, `/api` and `/v1/api`. `'* /**'` allows everything: a script that gets into a page can then run tools, read
   * memories and pair devices.
   */
  routes?: readonly string[] | undefined

  /**
   * The URL of the only server to use, such as that of an Osaurus on another Mac. Default: none, which uses the servers of this
   * machine. It is an `http:` URL without a path, credentials, query or fragment.
   *
   * **Nothing is encrypted**: other devices on the network can read and change requests, responses and the access key.
   *
   * @example
   * registerOsaurus({ preload: true, fetch: { url: 'http://192.168.1.5:1337', accessKey: () => keys.get() } })
   */
  url?: string | undefined
}

/** Options of {@link registerOsaurus}. */
export interface RegisterOptions {
  /** Discovery options for all pages. Default: `{ verify: true }`; `verify` is also true if an object does not contain it. */
  discover?: Omit<WatchOptions, 'signal' | 'persistent'> | undefined

  /**
   * Whether trusted pages may send requests to Osaurus with `window.osaurus.fetch`, and how. Default: false. The server is
   * searched where `discover` says, and always verified.
   *
   * @example
   * registerOsaurus({ preload: true, fetch: { waitMs: 10_000, routes: ['GET /agents'] } })
   */
  fetch?: boolean | PageFetchOptions | undefined

  /**
   * Decides which frames are trusted, in place of the default rule. Only `true`, or a promise for it, admits the frame. If it
   * throws or rejects, the page is denied, and the error becomes a warning of the process.
   *
   * Default: the main frame of the app's own pages: a `file:` page inside `app.getAppPath()`; a page of a scheme that the session
   * handles (never http, https, data, about and the like); a page of `http://localhost`, `http://127.0.0.1` or `http://[::1]` only
   * while `!app.isPackaged`. A `<webview>` counts as embedded: its `isMainFrame` is false. While the app is not packaged, a
   * warning of the process names each denied page.
   *
   * @example
   * registerOsaurus({
   *   isTrustedSender: ({ url, isMainFrame }) => isMainFrame && new URL(url).origin === 'https://app.example.com',
   * })
   */
  isTrustedSender?: ((frame: { url: string; isMainFrame: boolean }) => boolean | Promise<boolean>) | undefined

  /**
   * Whether trusted pages may start Osaurus with `window.osaurus.launch()`. Default: false. Then the call rejects with
   * `[ERR_INVALID_STATE]`. `launchOsaurus()` of the main process does not depend on this option.
   */
  launch?: boolean | undefined

  /**
   * Whether to add `osaurus-discovery/preload` to every page of `session`. Default: false. Uses
   * `session.registerPreloadScript` (Electron 35 and later) or `session.setPreloads`. May be used before the app is ready. Pages
   * that are open already get it when they are reloaded.
   */
  preload?: boolean | undefined

  /**
   * The sessions that `preload` is for: one, several, or `'all'` of the app, including those created later. Default:
   * `session.defaultSession`.
   */
  session?: Session | readonly Session[] | 'all' | undefined
}

/** The registration of the app's pages, and what the app's own main process needs. */
export interface Registration {
  /**
   * The newest running Osaurus, or null. A copy at each read.
   *
   * Reading `latest`, `instances` or `reason` starts the watcher that the pages share, which then runs until `dispose()`. It
   * does not keep the process alive. Until its first report, which `on('change')` delivers, the state is empty.
   *
   * @example
   * const osaurus = registerOsaurus()
   * osaurus.on('change', ({ instances }) => tray.setToolTip(instances.length ? 'Osaurus is running' : 'Osaurus is not running'))
   * ipcMain.handle('app:ask', async (event, prompt) => {
   *   if (!(await osaurus.isTrusted(event))) throw new Error('Denied')
   *   return osaurus.latest && ask(osaurus.latest.url, prompt)
   * })
   */
  readonly latest: OsaurusInstance | null

  /** All running Osaurus servers, newest first. A copy at each read. */
  readonly instances: OsaurusInstance[]

  /**
   * Why no Osaurus is running: the code that discovery would reject with. Null if one is running, or before the first report.
   */
  readonly reason: OsaurusErrorCode | null

  /**
   * Calls the listener with the current state as soon as it is known (all instances in `added`), never before this call
   * returns, then after every change. An error that it throws is an uncaught exception of the app; pages and other listeners
   * still get the change.
   */
  on(event: 'change', listener: (change: InstanceChange) => void): this

  /** Removes a listener. The watcher keeps running until `dispose()`. */
  off(event: 'change', listener: (change: InstanceChange) => void): this

  /**
   * Whether the frame that sent an IPC message is trusted, by the rule that applies to the pages' own calls: the default, or
   * `isTrustedSender`. Call it first in a handler, before anything asynchronous: the frame may be gone a moment later.
   */
  isTrusted(event: IpcMainEvent | IpcMainInvokeEvent): Promise<boolean>

  /**
   * Removes the channels, the subscriptions, the watcher and the preload script. Pages keep `window.osaurus`, but their calls
   * reject with `[ERR_INVALID_STATE]`. May be called any number of times. Afterwards `registerOsaurus` may be called again.
   */
  dispose(): void
}

/**
 * Answers the app's pages on the channels `osaurus:getInstance`, `osaurus:listInstances` and those of
 * `osaurus-discovery/preload`. Call it once, before the first window opens.
 *
 * Nothing runs until a page calls. Concurrent calls share one discovery. All listening pages share one watcher, which runs while
 * one of them listens. A page stops listening when its window closes, or when it is reloaded, navigates away or crashes.
 *
 * Calls of an untrusted page reject with a message that begins `[OSAURUS_UNTRUSTED_SENDER]`. Every other failure begins with its
 * own code in brackets, because Electron transmits only the message of an error.
 *
 * Throws `OSAURUS_ALREADY_REGISTERED` if it was called before or the app handles one of the channels; `ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for an invalid or unknown option; `ERR_INVALID_STATE` outside Electron's main
 * process.
 *
 * @example
 * const { registerOsaurus } = require('osaurus-discovery/electron')
 * registerOsaurus({ preload: true })
 */
export function registerOsaurus(options?: RegisterOptions): Registration

/** Options of {@link openSandboxedRuntime}. */
export interface SandboxedRuntimeOptions {
  /** The window that the dialog is attached to, as a sheet on macOS. Default: none, which opens a separate dialog. */
  window?: BrowserWindow | undefined

  /** Returns the text that `saveBookmark` received last, or undefined. Any other text counts as no bookmark. */
  loadBookmark: () => string | undefined | Promise<string | undefined>

  /** Saves the text until the next launch, for example in a file inside `app.getPath('userData')`. It is opaque, about 1 KB. */
  saveBookmark: (bookmark: string) => void | Promise<void>
}

/** Access to the directory that the user chose. */
export interface SandboxedRuntime {
  /** For `discoverLatestRunningInstance`, `watchInstances` and `registerOsaurus({ discover: { baseDir } })`. */
  baseDir: string

  /** Returns the access to the system. May be called any number of times. Afterwards `baseDir` cannot be read. */
  stopAccess(): void
}

/**
 * Gives a sandboxed (Mac App Store) app access to Osaurus' directory: the user chooses it once in a dialog, and a security-scoped
 * bookmark keeps the access across launches.
 *
 * Resolves without a dialog if the saved bookmark still gives access. `~/.osaurus` and the `runtime` inside it are both accepted; for
 * any other directory the dialog opens again. Resolves with null if the user cancels. Call it when the app is ready.
 *
 * Builds outside the Mac App Store have no bookmarks. There the saved text has the path alone.
 *
 * Rejects with the error of `loadBookmark` or `saveBookmark`, with the system's error if the chosen directory gives no access, with
 * `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for invalid options, and with `ERR_INVALID_STATE` outside Electron's main
 * process.
 *
 * @example
 * const bookmark = path.join(app.getPath('userData'), 'osaurus-directory')
 * const runtime = await openSandboxedRuntime({
 *   loadBookmark: () => fs.readFile(bookmark, 'utf8').catch(() => undefined),
 *   saveBookmark: (text) => fs.writeFile(bookmark, text),
 * })
 * if (runtime) registerOsaurus({ discover: { baseDir: runtime.baseDir } })
 */
export function openSandboxedRuntime(options: SandboxedRuntimeOptions): Promise<SandboxedRuntime | null>

/** Options of {@link openAccessKeyStore}. */
export interface AccessKeyStoreOptions {
  /** The absolute path of the file. Default: `osaurus-access-key.json` in `app.getPath('userData')`. */
  file?: string | undefined
}

/** An access key in a file, encrypted with the keychain of the operating system. */
export interface AccessKeyStore {
  /**
   * Resolves with the saved access key, or undefined if there is none. Rejects with `OSAURUS_KEYCHAIN_UNAVAILABLE` if it cannot
   * be decrypted; the file is left alone.
   */
  get(): Promise<string | undefined>

  /**
   * Saves an access key, in place of an earlier one. The file is replaced atomically and readable by this user only.
   *
   * Rejects with `OSAURUS_INVALID_ACCESS_KEY` if the text is not an access key of Osaurus or has expired, and with
   * `OSAURUS_KEYCHAIN_UNAVAILABLE` if it cannot be encrypted. Then an earlier key is kept.
   */
  set(key: string): Promise<void>

  /** Deletes the saved access key, if there is one. */
  clear(): Promise<void>

  /**
   * Whether the keychain protects a saved key. False where the operating system has no keychain; then `set()` rejects, unless the
   * app has called `safeStorage.setUsePlainTextEncryption(true)`. Read it when the app is ready.
   */
  readonly isEncrypted: boolean
}

/**
 * Opens a store for the access key of Osaurus, for use as `accessKey` in the main process. Pages never need the key.
 *
 * Uses Electron's `safeStorage`, which exists since Electron 15. The first use of a method or of `isEncrypted` touches the
 * keychain, which may ask the user; this call does not.
 *
 * Throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for an invalid option, and `ERR_INVALID_STATE` outside Electron's main
 * process.
 *
 * @example
 * const keys = openAccessKeyStore()
 * const osaurusFetch = createOsaurusFetch({ accessKey: () => keys.get() })
 */
export function openAccessKeyStore(options?: AccessKeyStoreOptions): AccessKeyStore
