import { createReadStream } from 'node:fs'
import { access, constants, copyFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DeliveryError } from '../../destination.ts'
import { driverOf } from '../driver.ts'

export const placeSettings = {
  folder: z.string().min(1).optional().describe('a local folder'),
  s3: z
    .strictObject({
      bucket: z.string().min(1),
      prefix: z.string().default(''),
      region: z.string().default('us-east-1'),
      endpoint: z.url().optional(),
      access_key_id: z.string().optional(),
      secret_access_key: z.string().optional(),
      path_style: z.boolean().default(false),
    })
    .optional()
    .describe('or a bucket: `bucket`, `prefix`, `region`, `endpoint`, keys, `path_style`'),
  sftp: z
    .strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).default(22),
      username: z.string().min(1),
      password: z.string().optional(),
      private_key: z.string().optional(),
      passphrase: z.string().optional(),
      /** SHA-256 of the host's key in base64, as `ssh-keygen -lf` prints it. */
      host_key: z.string().min(1),
      folder: z.string().default('.'),
    })
    .optional()
    .describe('or a server: `host`, `port`, `username`, `password` or `private_key`, `host_key`, `folder`'),
}
export type PlaceSettings = z.output<z.ZodObject<typeof placeSettings>>

/** Where files go. A name is there only once its file is whole. */
export interface FilePlace {
  check(): Promise<void>
  put(file: string, name: string): Promise<void>
  putText(text: string, name: string): Promise<void>
  close(): Promise<void>
}

/** @throws {DeliveryError} not exactly one place is given, or it cannot be reached */
export async function filePlace({ folder, s3, sftp }: PlaceSettings): Promise<FilePlace> {
  const given = [folder, s3, sftp].filter((each) => each !== undefined)
  if (given.length !== 1)
    throw new DeliveryError('fatal', 'no place', 'give exactly one of `folder`, `s3` and `sftp`')
  if (folder !== undefined) return inFolder(folder)
  if (s3 !== undefined) return onS3(s3)
  if (sftp !== undefined) return overSftp(sftp)
  throw new Error('one place was given')
}

function inFolder(folder: string): FilePlace {
  const whole = async (name: string, write: (to: string) => Promise<void>): Promise<void> => {
    await failing('folder', async () => {
      await mkdir(folder, { recursive: true })
      const temporary = join(folder, `.${name}.part`)
      try {
        await write(temporary)
        const handle = await open(temporary)
        try {
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, join(folder, name))
      } finally {
        await rm(temporary, { force: true })
      }
    })
  }
  return {
    check: () =>
      failing('folder', async () => {
        await mkdir(folder, { recursive: true })
        await access(folder, constants.W_OK)
      }),
    put: (file, name) => whole(name, (to) => copyFile(file, to)),
    putText: (text, name) => whole(name, (to) => writeFile(to, text)),
    close: async () => {},
  }
}

async function onS3(own: NonNullable<PlaceSettings['s3']>): Promise<FilePlace> {
  const { S3Client, HeadBucketCommand } = await driverOf(
    '@aws-sdk/client-s3',
    () => import('@aws-sdk/client-s3'),
  )
  const { Upload } = await driverOf('@aws-sdk/lib-storage', () => import('@aws-sdk/lib-storage'))
  const { access_key_id: id, secret_access_key: secret } = own
  const client = new S3Client({
    region: own.region,
    ...(own.endpoint !== undefined && { endpoint: own.endpoint }),
    forcePathStyle: own.path_style,
    ...(id !== undefined &&
      secret !== undefined && { credentials: { accessKeyId: id, secretAccessKey: secret } }),
  })
  const put = (body: string | ReturnType<typeof createReadStream>, name: string): Promise<void> =>
    failing('S3', async () => {
      const key = own.prefix === '' ? name : `${own.prefix.replace(/\/+$/, '')}/${name}`
      await new Upload({ client, params: { Bucket: own.bucket, Key: key, Body: body } }).done()
    })
  return {
    check: () =>
      failing('S3', async () => {
        await client.send(new HeadBucketCommand({ Bucket: own.bucket }))
      }),
    // An object is there when all of it is.
    put: (file, name) => put(createReadStream(file), name),
    putText: put,
    close: async () => client.destroy(),
  }
}

async function overSftp(own: NonNullable<PlaceSettings['sftp']>): Promise<FilePlace> {
  const { default: Client } = await driverOf('ssh2-sftp-client', () => import('ssh2-sftp-client'))
  const { createHash } = await import('node:crypto')
  const client = new Client()
  const wanted = own.host_key.replace(/^SHA256:/, '').replace(/=+$/, '')
  await failing('SFTP', () =>
    client.connect({
      host: own.host,
      port: own.port,
      username: own.username,
      ...(own.password !== undefined && { password: own.password }),
      ...(own.private_key !== undefined && { privateKey: own.private_key }),
      ...(own.passphrase !== undefined && { passphrase: own.passphrase }),
      hostVerifier: (key: Buffer) =>
        createHash('sha256').update(key).digest('base64').replace(/=+$/, '') === wanted,
    }),
  )
  const put = (from: string | Buffer, name: string): Promise<void> =>
    failing('SFTP', async () => {
      const temporary = `${own.folder}/.${name}.part`
      await client.put(from, temporary)
      const whole = `${own.folder}/${name}`
      try {
        await client.posixRename(temporary, whole)
      } catch (error) {
        // An extension of OpenSSH; others rename as long as nothing has the name, which nothing has but a try before this one.
        if (!(error instanceof Error) || !/not support/.test(error.message)) throw error
        if ((await client.exists(whole)) !== false) await client.delete(whole)
        await client.rename(temporary, whole)
      }
    })
  return {
    check: () =>
      failing('SFTP', async () => {
        await client.list(own.folder)
      }),
    put,
    putText: (text, name) => put(Buffer.from(text), name),
    close: async () => {
      await client.end()
    },
  }
}

/** Names of errors after which a later try may go well. */
const passing =
  /ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|ENOSPC|SlowDown|InternalError|ServiceUnavailable|Timeout/i

async function failing<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DeliveryError || !(error instanceof Error)) throw error
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
    const kind = passing.test(`${code} ${error.message}`) ? 'retryable' : 'fatal'
    throw new DeliveryError(kind, `${place}: ${code}`, error.message, { cause: error })
  }
}
