// The types of `osaurus-discovery/electron`, for the main process: `window.osaurus` for the app's pages.
import type { BrowserWindow, Session } from 'electron'
import type { WatchOptions } from 'osaurus-discovery'

export interface RegisterOptions {
  /**
   * How to look for Osaurus. Default `{ verify: true }`; where an object is given without `verify`, it is true all the same.
   */
  discover?: Omit<WatchOptions, 'signal' | 'persistent'> | undefined

  /**
   * Decides who may ask, in place of the default rule. Called with the frame that asks; only `true`, or a promise of it, lets
   * it. What it throws or rejects with becomes a warning of the process, and the page is refused.
   *
   * Default: the main frame of a page of the app's own: a `file:` page inside `app.getAppPath()`; a page of a scheme that the
   * session handles (never http, https, data, about and the like); a page of `http://localhost`, `http://127.0.0.1` or
   * `http://[::1]` only while `!app.isPackaged`. A `<webview>` counts as embedded: `isMainFrame` is false for it. While the app
   * is not packaged, a warning of the process names each page that this refuses.
   *
   * @example
   * registerOsaurus({
   *   isTrustedSender: ({ url, isMainFrame }) => isMainFrame && new URL(url).origin === 'https://app.example.com',
   * })
   */
  isTrustedSender?: ((frame: { url: string; isMainFrame: boolean }) => boolean | Promise<boolean>) | undefined

  /**
   * Whether to put `osaurus-discovery/preload` into every page of `session`. Default `false`. Uses
   * `session.registerPreloadScript` (Electron 35 and later), `session.setPreloads` before. May be used before the app is
   * ready; pages that are open already get it when they are loaded anew.
   */
  preload?: boolean | undefined

  /** The session that `preload` is for. Default `session.defaultSession`. */
  session?: Session | undefined
}

export interface Registration {
  /**
   * Takes everything back: the channels, the subscriptions, the watcher, the preload. Pages keep `window.osaurus`; their
   * calls are rejected with `[ERR_INVALID_STATE]` from then on. May be called any number of times. After it, `registerOsaurus`
   * may be called again.
   */
  dispose(): void
}

/**
 * Answers the app's pages when they ask where Osaurus runs, on the channels `osaurus:getInstance`, `osaurus:listInstances` and those of
 * `osaurus-discovery/preload`. Call it once, before the first window opens.
 *
 * Nothing runs until a page asks. Calls under way at the same time share one discovery; all pages that listen share one
 * watcher, which lives while one of them does. A page's listening ends when its window closes, when it is reloaded,
 * navigates away or crashes.
 *
 * A page that may not ask is rejected with a message that begins `[OSAURUS_UNTRUSTED_SENDER]`; every other failure begins with
 * its own code in brackets, since Electron hands on an error's message only.
 *
 * Throws `OSAURUS_ALREADY_REGISTERED` where it was called before, or a channel has a handler of the app's; `ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for a wrong or unknown option; `ERR_INVALID_STATE` outside of Electron's main process.
 *
 * @example
 * const { registerOsaurus } = require('osaurus-discovery/electron')
 * registerOsaurus({ preload: true })
 */
export function registerOsaurus(options?: RegisterOptions): Registration

export interface SandboxedRuntimeOptions {
  /** The window to attach the dialog to, as a sheet on macOS. Default: a dialog of its own. */
  window?: BrowserWindow | undefined

  /** Gives what `saveBookmark` was last given, or undefined. What is no bookmark of ours counts as none. */
  loadBookmark: () => string | undefined | Promise<string | undefined>

  /** Keeps the text until the next launch, for example in a file inside `app.getPath('userData')`. It is opaque, about 1 KB. */
  saveBookmark: (bookmark: string) => void | Promise<void>
}

export interface SandboxedRuntime {
  /** For `discoverLatestRunningInstance`, `watchInstances` and `registerOsaurus({ discover: { baseDir } })`. */
  baseDir: string

  /** Gives the access back to the system. May be called any number of times; `baseDir` cannot be read after it. */
  stopAccess(): void
}

/**
 * For sandboxed (Mac App Store) apps, which may read only what the user chose: asks once for Osaurus' folder, then keeps the
 * access over launches by a security-scoped bookmark.
 *
 * Resolves without a dialog where the saved bookmark still gives access; otherwise it asks. A folder that is not Osaurus' is
 * answered by asking again, in words that say so. `null`: the user declined. `~/.osaurus` and the folder `runtime` inside are both
 * right. Call it when the app is ready.
 *
 * In builds that have no bookmarks (not from the Mac App Store) it works the same, with the folder's path alone.
 *
 * Rejects with what `loadBookmark` or `saveBookmark` fails with, with the system's error where the chosen folder gives no
 * access, and with `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for wrong options, `ERR_INVALID_STATE` outside of
 * Electron's main process.
 *
 * @example
 * const bookmark = path.join(app.getPath('userData'), 'osaurus-folder')
 * const runtime = await openSandboxedRuntime({
 *   loadBookmark: () => fs.readFile(bookmark, 'utf8').catch(() => undefined),
 *   saveBookmark: (text) => fs.writeFile(bookmark, text),
 * })
 * if (runtime) registerOsaurus({ discover: { baseDir: runtime.baseDir } })
 */
export function openSandboxedRuntime(options: SandboxedRuntimeOptions): Promise<SandboxedRuntime | null>
