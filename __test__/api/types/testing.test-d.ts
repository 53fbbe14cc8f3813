// Tests the types of the testing kit. Compiled by `npm run types`, never run.
import { discoverLatestRunningInstance, type OsaurusInstance } from 'osaurus-discovery'
import {
  createFakeAccessKey,
  startFakeOsaurus,
  type FakeAnswer,
  type FakeOsaurus,
  type FakeOsaurusOptions,
  type FakeOsaurusRequest,
} from 'osaurus-discovery/testing'

const everything: FakeOsaurusOptions = {
  baseDir: '/tmp/runtime',
  port: 1337,
  exposeToNetwork: true,
  lanAddress: '192.0.2.1',
  accessKey: 'osk-v1-test',
  health: 'starting',
  models: ['llama-3.2-3b-instruct'],
  accessKeys: [createFakeAccessKey({ label: 'Test', audience: 'agent', issuedAt: 0, expiresAt: null })],
  corsOrigins: ['http://localhost:3000'],
  slow: 10,
  wordDelayMs: 10,
  answer: async (body): Promise<FakeAnswer> => ({ text: body.model, toolCalls: [{ name: 'echo' }] }),
}

export async function use(): Promise<string> {
  await using fake: FakeOsaurus = await startFakeOsaurus(everything)
  const instance: OsaurusInstance = fake.instance
  const { baseDir, connections, url }: { baseDir: string; connections: number; url: string } = fake
  const requests: readonly FakeOsaurusRequest[] = fake.requests
  const found: OsaurusInstance = await discoverLatestRunningInstance({ baseDir, verify: true })

  await fake.setHealth('restarting')
  await fake.setExposed(false)
  await fake.crash()
  await fake.relaunch()
  await fake.relaunch({ port: 0, startingMs: 10 })
  await fake.restart({ port: 1338, expose: true, delayMs: 10, startingMs: 10 })
  await fake.serve({ port: 1338, expose: false })
  fake.suspend()
  fake.resume()
  fake.failNext(503, { path: '/v1/models' })
  fake.setSlow(0)
  fake.revokeAccessKey(fake.addAccessKey())
  const { body, aborted }: { body: unknown; aborted: boolean } = requests[0]!
  await fake.stop()
  return [
    instance.url,
    found.url,
    url,
    connections,
    aborted,
    String(body),
    requests[0]?.headers['user-agent'],
  ].join()
}

export async function misuse(fake: FakeOsaurus): Promise<void> {
  // @ts-expect-error a launch is starting or running
  await startFakeOsaurus({ health: 'restarting' })
  // @ts-expect-error a misspelt option
  await startFakeOsaurus({ prot: 1337 })
  // @ts-expect-error a port is a number
  await startFakeOsaurus({ port: '1337' })
  // @ts-expect-error no health of Osaurus
  await fake.setHealth('stopped')
  // @ts-expect-error exposed or not
  await fake.setExposed()
  // @ts-expect-error what was recorded stays as it was
  fake.requests.push({ method: 'GET', url: '/', headers: {}, body: undefined, aborted: false })
  // @ts-expect-error a status is a number
  fake.failNext('503')
  // @ts-expect-error an answer is text or tool calls
  await startFakeOsaurus({ answer: () => 7 })
  // @ts-expect-error the fake chooses where it listens
  fake.url = 'http://127.0.0.1:1337'
}
