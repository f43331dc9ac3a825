import { createHash } from 'node:crypto'
import { close, constants, open, read, readdir, rename, write } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import S3rver from 's3rver'
import ssh2 from 'ssh2'

export async function startS3(directory: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: 'crm' }],
  })
  const { port } = await server.run()
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() }
}

export interface SftpServer {
  readonly port: number
  /** As `ssh-keygen -lf` prints it. */
  readonly hostKey: string
  readonly renamed: readonly string[]
  stop(): Promise<void>
}

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

/** A server over a folder that knows what the client needs: open, write, close, rename, list, stat. */
export async function startSftp(root: string): Promise<SftpServer> {
  const { private: key, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519')
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  const renamed: string[] = []
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      if (context.method === 'password' && context.username === 'shop' && context.password === 'secret')
        context.accept()
      else context.reject(['password'])
    })
    client.on('ready', () => {
      client.on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => serve(acceptSftp(), root, renamed))
      })
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    hostKey: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    renamed,
    stop: () => new Promise((done) => server.close(() => done())),
  }
}

function serve(sftp: ssh2.SFTPWrapper, root: string, renamed: string[]): void {
  const inside = (path: string): string => join(root, path.replace(/^\/+/, ''))
  const handles = new Map<number, { readonly fd?: number; names?: string[] }>()
  let made = 0
  const handleOf = (of: { fd?: number; names?: string[] }): Buffer => {
    const handle = Buffer.alloc(4)
    made += 1
    handle.writeUInt32BE(made)
    handles.set(made, of)
    return handle
  }
  const at = (handle: Buffer) => handles.get(handle.readUInt32BE())
  const failed = (id: number): void => sftp.status(id, STATUS_CODE.FAILURE)
  sftp.on('OPEN', (id, path, flags) => {
    const mode =
      (flags & OPEN_MODE.WRITE) === 0
        ? constants.O_RDONLY
        : constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC
    promisify(open)(inside(path), mode).then(
      (fd) => sftp.handle(id, handleOf({ fd })),
      () => failed(id),
    )
  })
  sftp.on('WRITE', (id, handle, offset, data) => {
    promisify(write)(at(handle)?.fd ?? -1, data, 0, data.length, offset).then(
      () => sftp.status(id, STATUS_CODE.OK),
      () => failed(id),
    )
  })
  sftp.on('READ', (id, handle, offset, length) => {
    const buffer = Buffer.alloc(length)
    read(at(handle)?.fd ?? -1, buffer, 0, length, offset, (error, bytes) => {
      if (error) failed(id)
      else if (bytes === 0) sftp.status(id, STATUS_CODE.EOF)
      else sftp.data(id, buffer.subarray(0, bytes))
    })
  })
  sftp.on('CLOSE', (id, handle) => {
    const fd = at(handle)?.fd
    if (fd === undefined) sftp.status(id, STATUS_CODE.OK)
    else close(fd, () => sftp.status(id, STATUS_CODE.OK))
  })
  sftp.on('RENAME', (id, from, to) => {
    rename(inside(from), inside(to), (error) => {
      if (error) return failed(id)
      renamed.push(`${from} → ${to}`)
      sftp.status(id, STATUS_CODE.OK)
    })
  })
  sftp.on('OPENDIR', (id, path) => {
    readdir(inside(path), (error, names) => {
      if (error) failed(id)
      else sftp.handle(id, handleOf({ names }))
    })
  })
  sftp.on('READDIR', (id, handle) => {
    const open = at(handle)
    const names = open?.names ?? []
    if (open === undefined || names.length === 0) {
      sftp.status(id, STATUS_CODE.EOF)
      return
    }
    open.names = []
    const attrs = { mode: constants.S_IFREG, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
    sftp.name(
      id,
      names.map((filename) => ({ filename, longname: filename, attrs })),
    )
  })
  sftp.on('REALPATH', (id, path) => {
    const attrs = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
    sftp.name(id, [{ filename: path, longname: path, attrs }])
  })
  sftp.on('STAT', (id) => sftp.status(id, STATUS_CODE.NO_SUCH_FILE))
  sftp.on('LSTAT', (id) => sftp.status(id, STATUS_CODE.NO_SUCH_FILE))
  sftp.on('SETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
}
