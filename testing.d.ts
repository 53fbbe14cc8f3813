// The types of `osaurus-discovery/testing`: a fake Osaurus for the tests of an app.
import type { IncomingHttpHeaders } from 'node:http'
import type { OsaurusInstance } from 'osaurus-discovery'

/** The options of `startFakeOsaurus()`. All are optional; an option that is `undefined` has its default. */
export interface FakeOsaurusOptions {
  /**
   * The directory to publish in, an absolute path. The directory and its parents are created where they are missing.
   *
   * Default: `runtime` in the directory that the environment variable `OSAURUS_TEST_ROOT` names, which moves Osaurus as well;
   * without that variable, a new temporary directory. The real directory (`~/.osaurus/runtime`) is used only when `baseDir`
   * or the variable names it.
   *
   * `stop()` removes a temporary directory as a whole. From another one it removes the fake's own instances, and the
   * directories that had to be created, if they are empty.
   */
  baseDir?: string | undefined

  /**
   * The TCP port to listen on at 127.0.0.1, 1 to 65535. Default, and for 0: a free port from 20000 to 31999. Systems do not
   * assign these to outgoing connections, so the port is still free when the server comes back after a crash. A port that is
   * in use rejects with `EADDRINUSE`.
   */
  port?: number | undefined

  /**
   * Whether the user has exposed the server to the network. Default `false`.
   *
   * With `true` the file carries `lanAddress`, every route except `/`, `/health` and the pairing routes needs the header
   * `Authorization: Bearer <access key>`, agents' runs answer 426, and CORS headers are sent only to `corsOrigins`. The fake
   * itself still listens on 127.0.0.1: a test opens no port to the network unless `advertise` says so.
   */
  exposeToNetwork?: boolean | undefined

  /**
   * The IPv4 or IPv6 address that is published while exposed. Default `192.0.2.1`, which is reserved for documentation and
   * therefore as unreachable as the address of a network that the Mac has left. The fake listens on 127.0.0.1 only: an
   * instance published under an IPv6 address is not found with `verify`, which probes it on `[::1]`.
   */
  lanAddress?: string | undefined

  /**
   * The one valid access key, as printable ASCII without spaces. Default `osk-v1-test`. The same as `accessKeys` with one
   * element; setting both rejects with `ERR_INVALID_ARG_VALUE`.
   */
  accessKey?: string | undefined

  /**
   * The access keys that the server knows. Default: `accessKey`. An empty array is a server whose user has created none.
   *
   * Keys made by `createFakeAccessKey()` are checked as Osaurus checks them: an expired key is refused, and a key whose
   * `audience` is the id of an agent is valid for that agent only. Any other string is valid until it is revoked.
   *
   * @example
   * const expired = createFakeAccessKey({ expiresAt: Date.now() - 1000 })
   * const fake = await startFakeOsaurus({ exposeToNetwork: true, accessKeys: [expired] })
   */
  accessKeys?: string[] | undefined

  /**
   * The origins of pages that may read answers while the server is exposed, such as `'http://localhost:3000'`, or `'*'` for
   * all. Default: none. A server that is not exposed answers pages of every origin.
   */
  corsOrigins?: string[] | undefined

  /**
   * The health to start with. Default `'running'`. With `'starting'` the file has three fields and no port is open, until
   * `setHealth('running')` completes the launch.
   */
  health?: 'starting' | 'running' | undefined

  /**
   * The names of the models. Default `['llama-3.2-3b-instruct']`. A request for another model is answered with the "not
   * found" error of its API. May be empty, as after the first start of Osaurus.
   */
  models?: string[] | undefined

  /**
   * The delay before the first byte of every answer, in milliseconds, 0 to 2147483647. Default 0. It applies to `GET /` too,
   * so that a delay above `probeTimeoutMs` makes `verify` fail; `setSlow()` changes it later. For a slow model behind a
   * responsive server, use an asynchronous `answer`.
   */
  slow?: number | undefined

  /**
   * The delay before each word of a streamed answer, in milliseconds, 0 to 2147483647. Default 0.
   */
  wordDelayMs?: number | undefined

  /**
   * Returns what the model says, for all chat, completion, message, response and agent routes. Default: a fixed sentence, or,
   * where the request carries tools, a call of the first tool (or of the one that `tool_choice` names) until the request
   * contains its result.
   *
   * `body` is the JSON object that the client sent. A string is the text of the answer. An object may have `text` and
   * `toolCalls`. `undefined` gives the default answer. A function that throws, rejects or returns another value is answered
   * with status 500 and its message.
   *
   * @example
   * const fake = await startFakeOsaurus({
   *   answer: (body) => `You said: ${body.messages.at(-1).content}`,
   * })
   */
  answer?: ((body: any) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>) | undefined

  /**
   * Whether to advertise the server by DNS-SD, as Osaurus does while it is exposed: once for the Mac, and once for each of
   * the two agents. Default `false`. `true` is the same as `{}`. Exposes the server unless `exposeToNetwork` says so too;
   * `false` there rejects with `ERR_INVALID_ARG_VALUE`.
   *
   * By default only programs of this machine hear it, on the loopback interface. `osaurus-discovery/network` finds it with
   * `includeSelf: true`, because it leaves this machine out otherwise.
   *
   * The server is advertised while it runs and is exposed. It says goodbye when it crashes, restarts, stops, is no longer
   * exposed, or the process ends; a process that is killed by a signal says none, and its records expire after two minutes.
   *
   * Rejects with `OSAURUS_NETWORK_UNAVAILABLE` if another program keeps UDP port 5353 for itself.
   *
   * @example
   * const fake = await startFakeOsaurus({ advertise: { name: 'Studio' } })
   * const servers = await listNetworkInstances({ includeSelf: true })
   * assert.ok(servers.some(({ name, url }) => name === 'Studio' && url === fake.url))
   */
  advertise?: boolean | FakeAdvertiseOptions | undefined
}

/** How a fake is advertised on the local network. */
export interface FakeAdvertiseOptions {
  /**
   * The name of the Mac, 1 to 63 bytes. Default `'Fake Osaurus'`. The host name is a random one, such as
   * `osaurus-fake-1a2b3c4d.local`, so fakes of one name are different servers.
   */
  name?: string | undefined
  /**
   * Who hears it. `'loopback'`, the default: programs of this machine. `'network'`: every host of the local networks; the
   * server then listens on all IPv4 addresses of this machine, and not on 127.0.0.1 alone.
   */
  where?: 'loopback' | 'network' | undefined
}

/** What a fake's model says: text, or text and tool calls. */
export type FakeAnswer = string | { text?: string | undefined; toolCalls?: FakeToolCall[] | undefined }

/** A call of a tool that the client offered. */
export interface FakeToolCall {
  /** The name of the tool. */
  name: string
  /** The arguments of the call. Default `{}`. */
  arguments?: Record<string, unknown> | undefined
}

/** A request that reached the fake. It is recorded when its head was read, whatever happens to it afterwards. */
export interface FakeOsaurusRequest {
  /** The HTTP method, in upper case. */
  method: string
  /** The path and query, as sent. */
  url: string
  /** The headers, with names in lower case. */
  headers: IncomingHttpHeaders
  /**
   * The body: the value of a JSON body, the text of another one, or a `Buffer` where it is not UTF-8. `undefined` where there
   * is none, while it is being read, for one of more than 32 MiB, and once the bodies of later requests exceed 64 MiB.
   */
  body: any
  /** Whether the client closed the connection before it had the whole answer. A crash of the fake does not count. */
  aborted: boolean
}

/** The options of `serve()`. */
export interface FakeServeOptions {
  /** The port to save and publish, 1 to 65535. Default: the saved one. */
  port?: number | undefined
  /** The exposure to save and publish. Default `false`, as for the command `osaurus serve` without `--expose`. */
  expose?: boolean | undefined
}

/** The options of `restart()`. */
export interface FakeRestartOptions {
  /** The port to save, to publish early and to listen on after the restart, 1 to 65535. Default: the saved one. */
  port?: number | undefined
  /** The exposure to save, to publish early and to apply after the restart. Default: the saved one. */
  expose?: boolean | undefined
  /**
   * How long the old listener goes on after the new settings were published, in milliseconds, 0 to 2147483647. Default 0.
   * Osaurus may take this long to unload a model.
   */
  delayMs?: number | undefined
  /** How long the health is `starting`, in milliseconds, 0 to 2147483647. Default 0. */
  startingMs?: number | undefined
}

/** The options of `relaunch()`. */
export interface FakeRelaunchOptions {
  /** The port to listen on, 1 to 65535, or 0 for a free one. Default: the saved one. */
  port?: number | undefined
  /**
   * How long the new instance is published as `starting` before it runs, in milliseconds, 0 to 2147483647. Default 0:
   * it is published as `running` at once.
   */
  startingMs?: number | undefined
}

/** The options of `createFakeAccessKey()`. */
export interface FakeAccessKeyOptions {
  /** The name that the user gave the key. Default `'Test'`. */
  label?: string | undefined
  /** The address that the key is for: the user's (default), or the id of an agent of `GET /agents`. */
  audience?: string | undefined
  /** When the key was created, as a `Date` or in milliseconds since 1970. Default: now. */
  issuedAt?: Date | number | undefined
  /** When the key expires, as a `Date` or in milliseconds since 1970; `null` for never. Default: 90 days after `issuedAt`. */
  expiresAt?: Date | number | null | undefined
}

/**
 * Has `[Symbol.asyncDispose]()`, the same as `stop()`, for `await using fake = await startFakeOsaurus()`. The type of the
 * member exists only if the compiler knows the symbol.
 */
export type DisposableFake = {
  [Dispose in SymbolConstructor[Extract<'asyncDispose', keyof SymbolConstructor>]]: () => Promise<void>
}

/**
 * A fake Osaurus: the file that the real one publishes, and a real HTTP server behind it.
 *
 * Its methods may be called at any time and without waiting for one another: they are carried out one after the other, in
 * the order of the calls. `suspend()`, `resume()`, `failNext()`, `setSlow()` and the methods for access keys act at once. A
 * call that is no longer possible, such as `setHealth()` after `crash()` or anything but `stop()` after `stop()`, rejects
 * (`suspend()` throws) with the code `ERR_INVALID_STATE` and a message that names the method to call instead.
 */
export interface FakeOsaurus extends DisposableFake {
  /** The directory that the fake publishes in: pass it to the app under test as `baseDir`. */
  readonly baseDir: string

  /**
   * What was published last, as `discoverLatestRunningInstance({ baseDir })` resolves it while the fake is running. `url` is
   * the published one, with `lanAddress` while exposed. `relaunch()` gives it a new `instanceId`. It stays as it was after
   * `crash()` and `stop()`.
   *
   * While starting and restarting, Osaurus publishes neither address nor port. Then only `instanceId` and `updatedAt` exist:
   * `address`, `port`, `url` and `exposeToNetwork` are missing, although their types do not say so.
   */
  readonly instance: OsaurusInstance

  /**
   * Where the fake listens, such as `http://127.0.0.1:24601`. The host is loopback, also while exposed. The port changes only
   * with `restart({ port })`, `relaunch({ port })`, and a restart after `serve({ port })`.
   */
  readonly url: string

  /**
   * The latest 1000 requests since `startFakeOsaurus()`, oldest first, across crashes and relaunches. Each reading gives a
   * new array of copies.
   *
   * @example
   * assert.deepEqual(fake.requests.map(({ method, url }) => `${method} ${url}`), ['GET /'])
   */
  readonly requests: readonly FakeOsaurusRequest[]

  /**
   * The number of TCP connections accepted since `startFakeOsaurus()`, with or without a request on them. Connections that
   * were closed because 512 were open already do not count.
   */
  readonly connections: number

  /**
   * Publishes a health. `running` listens first, on the saved port. `starting` and `restarting` first take the address out of
   * the file, then cut all connections and free the port, as Osaurus does. The current health is published again, with a new
   * `updatedAt`.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for another value, with `ERR_INVALID_STATE` after `crash()` or
   * `stop()`, and with `EADDRINUSE` where another program has taken the port.
   *
   * @example
   * const fake = await startFakeOsaurus({ health: 'starting' })
   * const waiting = waitForRunningInstance({ baseDir: fake.baseDir })
   * await fake.setHealth('running')
   * assert.deepEqual(await waiting, fake.instance)
   */
  setHealth(health: 'starting' | 'restarting' | 'running'): Promise<void>

  /**
   * Exposes the server to the network, or ends that, from the next request on. A running server publishes it at once.
   * Connections stay open.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE` for a value that is not a boolean, and with `ERR_INVALID_STATE` after `crash()` or `stop()`.
   *
   * @example
   * await fake.setExposed(true)
   * assert.equal((await fetch(`${fake.url}/v1/models`)).status, 401)
   */
  setExposed(expose: boolean): Promise<void>

  /**
   * Saves and publishes a port and an exposure without listening again, as the command `osaurus serve` does to a running app.
   * The file is then wrong until the next restart: `fake.url` still answers, the published port does not, and callers of a
   * server that was exposed still need a key. `setHealth('restarting')` and then `setHealth('running')`, `restart()` and
   * `relaunch()` apply the saved settings.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for a wrong option, and with
   * `ERR_INVALID_STATE` after `crash()` or `stop()`.
   *
   * @example
   * await fake.serve({ port: 1338 })
   * assert.equal(fake.instance.port, 1338)
   * assert.equal((await fetch(fake.url)).status, 200)
   */
  serve(options?: FakeServeOptions): Promise<void>

  /**
   * Restarts the server as a change of its settings does: publishes the new settings while the old listener still runs, waits
   * `delayMs`, publishes `restarting` and `starting`, waits `startingMs`, listens and publishes `running`. The instance keeps its
   * id. `crash()` and `stop()` interrupt it.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for a wrong option, with `ERR_INVALID_STATE`
   * after `crash()` or `stop()` and where one of them interrupts it, and with `EADDRINUSE` where another program has the port:
   * the instance is then withdrawn, and `relaunch()` starts the fake again.
   *
   * @example
   * await fake.restart({ port: 24602, delayMs: 500, startingMs: 2000 })
   */
  restart(options?: FakeRestartOptions): Promise<void>

  /**
   * Ends the server as `kill -9` does: closes the port, cuts all connections, leaves requests in flight unanswered and the
   * file in place. A second crash does nothing. Rejects with `ERR_INVALID_STATE` after `stop()`.
   *
   * @example
   * await fake.crash()
   * await assert.rejects(fetch(fake.url))
   */
  crash(): Promise<void>

  /**
   * Starts Osaurus again: a new running instance, on the saved port and exposed as saved. After `crash()` the old file stays
   * beside the new one; a running server quits properly first.
   *
   * Rejects with `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for a wrong option, and with
   * `ERR_INVALID_STATE` after `stop()` and where `crash()` or `stop()` interrupts it. Rejects with `EADDRINUSE` where another
   * program has taken the port: the fake is then down, and `relaunch()` may be called again.
   *
   * @example
   * await fake.crash()
   * await fake.relaunch({ port: 0 })
   */
  relaunch(options?: FakeRelaunchOptions): Promise<void>

  /**
   * Stops answering, as a process under `SIGSTOP`: the fake accepts connections and sends nothing; requests and streams in
   * flight hang too. The file stays. Lasts until `resume()`, or until the server goes down. A second call does nothing. Throws
   * `ERR_INVALID_STATE` after `crash()` or `stop()`.
   *
   * @example
   * fake.suspend()
   * await assert.rejects(fetch(fake.url, { signal: AbortSignal.timeout(100) }))
   * fake.resume()
   */
  suspend(): void

  /** Answers again after `suspend()`, waiting requests first. Does nothing where the server was not suspended. */
  resume(): void

  /**
   * Answers the next request with this HTTP status and a JSON error, before any other check. Several calls apply to several
   * requests, in their order.
   *
   * With `path`, as in `'/v1/models'`, the next request for exactly that path; without, the next request for any path except `/`,
   * because discovery probes `GET /` at times of its own. Throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or
   * `ERR_OUT_OF_RANGE` for a status that is not a whole number from 200 to 599, or a path that does not begin with `/`.
   *
   * @example
   * fake.failNext(503)
   * assert.equal((await fetch(`${fake.url}/v1/models`)).status, 503)
   * assert.equal((await fetch(`${fake.url}/v1/models`)).status, 200)
   */
  failNext(status: number, options?: { path?: string | undefined }): void

  /**
   * Changes the option `slow`: the delay before the first byte of every answer, in milliseconds, from the next answer on. Throws
   * `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE` for another value than 0 to 2147483647.
   *
   * @example
   * fake.setSlow(2000) // busy: verified before, and now slower than a probe waits
   */
  setSlow(ms: number): void

  /**
   * Adds a valid access key, as the user does in the settings of Osaurus, and returns it. Default: a new one that
   * `createFakeAccessKey()` makes. Throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for a key that is not printable
   * ASCII without spaces.
   *
   * @example
   * const fake = await startFakeOsaurus({ exposeToNetwork: true, accessKeys: [] })
   * const key = fake.addAccessKey()
   */
  addAccessKey(key?: string): string

  /**
   * Revokes an access key, from the next request on. Throws `ERR_INVALID_ARG_VALUE` for a key that the fake does not know.
   *
   * @example
   * fake.revokeAccessKey('osk-v1-test')
   */
  revokeAccessKey(key: string): void

  /**
   * Quits properly: removes its instances (also those its crashes left behind) and the temporary base directory, cuts all
   * connections, and leaves no port, timer or handle open. May be called at any time, and more than once. Rejects only where a
   * directory cannot be removed, and may then be called again.
   *
   * A process that ends without `stop()`, by `process.exit()` or an uncaught error, removes the directories as well. A process
   * that is killed by a signal leaves them behind, as a crash of Osaurus does.
   */
  stop(): Promise<void>
}

/**
 * Starts a fake Osaurus: a file byte for byte as Osaurus publishes it, and an HTTP server on 127.0.0.1 that answers the
 * routes of Osaurus with canned answers. Holds the process open until `stop()`. Supported in Node.js 20.12 or newer; in Bun,
 * idle connections survive `crash()`.
 *
 * Rejects, and leaves nothing behind, with `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE` for a wrong or
 * unknown option; with the system's code (`EADDRINUSE`, `EACCES`, `ENOTDIR`, …) where it cannot listen or publish, and a
 * message that names the port or the directory.
 *
 * @example
 * const fake = await startFakeOsaurus()
 * const { url } = await discoverLatestRunningInstance({ baseDir: fake.baseDir, verify: true })
 * const models = await (await fetch(`${url}/v1/models`)).json()
 * await fake.stop()
 */
export function startFakeOsaurus(options?: FakeOsaurusOptions): Promise<FakeOsaurus>

/**
 * Makes an access key in the format of Osaurus: `osk-v1.`, the claims `aud`, `cnt`, `exp`, `iat`, `iss`, `lbl` and `nonce` as
 * base64url, and a signature that no real Osaurus accepts. Each call makes a different key. A fake accepts it once it is in
 * `accessKeys` or was given to `addAccessKey()`.
 *
 * Throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for a wrong or unknown option.
 *
 * @example
 * const key = createFakeAccessKey({ label: 'My app', expiresAt: null })
 * const fake = await startFakeOsaurus({ exposeToNetwork: true, accessKeys: [key] })
 */
export function createFakeAccessKey(options?: FakeAccessKeyOptions): string
