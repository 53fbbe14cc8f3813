// The types of `osaurus-discovery/testing`: a fake Osaurus for the tests of an app.
import type { IncomingHttpHeaders } from 'node:http'
import type { OsaurusInstance } from 'osaurus-discovery'

export interface FakeOsaurusOptions {
  /**
   * The folder to publish in, an absolute path; it and its parents are made where they are missing. Default: a fresh
   * folder in the system's temporary one. The real folder (`~/.osaurus/runtime`) is used only when it is named here.
   *
   * `stop()` removes the temporary folder whole; of a named one only the fake's own instance folders, and the
   * directories that had to be made, where they are empty.
   */
  baseDir?: string | undefined

  /**
   * The TCP port to listen on, 1 to 65535, always of 127.0.0.1. Default, and for 0: a free one from 20000 to 31999, which
   * systems do not hand out to outgoing connections, so that it is still free when the server comes back after a crash.
   * A port in use rejects with `EADDRINUSE`.
   */
  port?: number | undefined

  /**
   * Whether the user has exposed the server. Default `false`. With `true` the file carries `lanAddress`, and every route but
   * `/` and `/health` answers 401 unless the request has the header `Authorization: Bearer <accessKey>`. The fake itself
   * listens on 127.0.0.1 all the same: a test opens nothing to the network.
   */
  exposeToNetwork?: boolean | undefined

  /**
   * The IPv4 or IPv6 address that is published while exposed. Default `192.0.2.1`, which is reserved for documentation and
   * so nobody's: as unreachable as the address of a network that was left. The fake listens on 127.0.0.1 only, so one that is
   * published under an IPv6 address is not found with `verify`, which asks such a one on `[::1]`.
   */
  lanAddress?: string | undefined

  /** The key that is asked for while exposed; printable ASCII without spaces. Default `osk-v1-test`. */
  accessKey?: string | undefined

  /**
   * How far the launch has come. Default `running`. While `starting`, the file has three fields and nothing listens;
   * `setHealth('running')` completes the launch.
   */
  health?: 'starting' | 'running' | undefined

  /**
   * The models it has, by name; a request for another is answered with the API's own "not found". Default
   * `['llama-3.2-3b-instruct']`. May be empty, as after Osaurus' first start.
   */
  models?: string[] | undefined
}

/** A request that reached the fake, recorded when its head was read, whatever became of it. */
export interface FakeOsaurusRequest {
  method: string
  /** As sent: path and query. */
  url: string
  /** Names in lower case. */
  headers: IncomingHttpHeaders
}

/**
 * A fake Osaurus: the file that the real one publishes, and a real HTTP server behind it.
 *
 * Its methods may be called at any time and without waiting for one another: they are carried out one after the other, in
 * the order of the calls. `suspend()` and `resume()` act at once. What cannot be done any more, such as `setHealth()` after
 * `crash()` or anything but `stop()` after `stop()`, rejects (`suspend()` throws) with the code `ERR_INVALID_STATE` and says
 * what to call instead.
 */
export interface FakeOsaurus {
  /** The folder it publishes in: pass it to the app under test as `baseDir`. */
  readonly baseDir: string

  /**
   * What it has published last, as `discoverLatestRunningInstance({ baseDir })` resolves it while it is running; `url` is
   * the published one, with `lanAddress` while exposed. `relaunch()` gives it a new `instanceId`. After `crash()` and `stop()` it
   * stays as it was.
   *
   * While starting and restarting, Osaurus publishes neither address nor port, and so only `instanceId` and `updatedAt` are
   * there: `address`, `port`, `url` and `exposeToNetwork` are then missing, although their types do not say so.
   */
  readonly instance: OsaurusInstance

  /** Where it listens, such as `http://127.0.0.1:24601`: always loopback, also while exposed; the same for its whole life. */
  readonly url: string

  /**
   * The latest 1000 requests since `startFakeOsaurus()`, oldest first, over crashes and relaunches; a new array at each
   * reading.
   *
   * @example
   * assert.deepEqual(fake.requests.map(({ method, url }) => `${method} ${url}`), ['GET /'])
   */
  readonly requests: readonly FakeOsaurusRequest[]

  /** How many TCP connections it has accepted since `startFakeOsaurus()`, with or without a request on them. */
  readonly connections: number

  /**
   * Publishes this health. `running` listens first; `starting` and `restarting` take the address out of the file, then cut all
   * connections and free the port, as Osaurus does. The health it has already is published again, with a new `updatedAt`.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for another value, with `ERR_INVALID_STATE` after `crash()` or
   * `stop()`, with `EADDRINUSE` where another program has taken the port meanwhile.
   *
   * @example
   * const fake = await startFakeOsaurus({ health: 'starting' })
   * const waiting = waitForRunningInstance({ baseDir: fake.baseDir })
   * await fake.setHealth('running')
   * assert.deepEqual(await waiting, fake.instance)
   */
  setHealth(health: 'starting' | 'restarting' | 'running'): Promise<void>

  /**
   * Exposes the server, or takes that back, from the next request on; a running one publishes it at once. Connections stay.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE` for what is no boolean, with `ERR_INVALID_STATE` after `crash()` or `stop()`.
   */
  setExposed(expose: boolean): Promise<void>

  /**
   * Ends as `kill -9` ends it: the port is closed, all connections are cut, requests in flight get no answer, the file
   * stays. A second crash does nothing. Rejects with `ERR_INVALID_STATE` after `stop()`.
   */
  crash(): Promise<void>

  /**
   * Starts Osaurus again: a new instance, running, on the same port, exposed as before. After `crash()` the old file stays
   * beside the new one; a running one quits properly first.
   *
   * Rejects with `EADDRINUSE` where another program has taken the port meanwhile: it is then down, and `relaunch()` may be
   * tried again. Rejects with `ERR_INVALID_STATE` after `stop()`.
   */
  relaunch(): Promise<void>

  /**
   * From now on it accepts connections and answers nothing, as a process under `SIGSTOP`; requests and streams in flight
   * hang too. The file stays. Lasts until `resume()`, or until the server goes down. A second call does nothing. Throws
   * `ERR_INVALID_STATE` after `crash()` or `stop()`.
   */
  suspend(): void

  /** Answers again, the waiting requests first. Does nothing where it was not suspended. */
  resume(): void

  /**
   * Quits properly: its instance folders are removed (those its crashes left behind too), and the temporary base directory;
   * connections are cut; no port, timer or handle is left open. May be called at any time and as often as you like. Rejects only
   * where a folder cannot be removed, and may then be called again.
   *
   * A process that ends without it, by `process.exit()` or an uncaught error, removes the folders as well. One that is killed
   * by a signal leaves them behind, which is what a crash is.
   */
  stop(): Promise<void>

  /** The same as `stop()`, for `await using fake = await startFakeOsaurus()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a fake Osaurus: a file byte for byte as Osaurus publishes it, and an HTTP server on 127.0.0.1 that answers `/`,
 * `/health`, and the OpenAI, Open Responses, Anthropic, Ollama and MCP routes with canned answers. It holds the process open
 * until `stop()`. Needs Node 20.12 or newer.
 *
 * Rejects, and leaves nothing behind, with `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for a wrong or
 * unknown option; with the system's code (`EADDRINUSE`, `EACCES`, `ENOTDIR`, …) where it cannot listen or publish, the
 * message naming the port or the folder.
 *
 * @example
 * const fake = await startFakeOsaurus()
 * const { url } = await discoverLatestRunningInstance({ baseDir: fake.baseDir, verify: true })
 * const models = await (await fetch(`${url}/v1/models`)).json()
 * await fake.stop()
 */
export function startFakeOsaurus(options?: FakeOsaurusOptions): Promise<FakeOsaurus>
