/** Blobs and uploads in the sqlite store. A content is counted by those who have it, and goes with the last of them. */

import type { UploadedPart } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import { type OpenContent, openBytes } from './contents.ts'
import type { Incoming } from './receive.ts'
import type { Work } from './sqlite-transaction.ts'
import { parse, type Row, type Statements } from './statements.ts'
import { damagedContent, verified } from './storage-errors.ts'
import type { BlobWriting, PendingUpload, Stretch } from './store.ts'
import { successor } from './successor.ts'

export class SqliteBlobs implements BlobWriting {
  private readonly work: Work
  private readonly sql: Statements
  private readonly tenantOf: () => number

  constructor(work: Work, tenantOf: () => number) {
    this.work = work
    this.sql = work.sql
    this.tenantOf = tenantOf
  }

  async show(bucket: string, id: string): Promise<Blob | undefined> {
    const row = this.sql.row('select shown from blob where tenant = ? and bucket = ? and id = ?', this.tenantOf(), bucket, id)
    return row === undefined ? undefined : parse(row[0])
  }

  async ids(bucket: string): Promise<string[]> {
    return this.sql
      .rows('select id from blob where tenant = ? and bucket = ? order by id', this.tenantOf(), bucket)
      .map(row => String(row[0]))
  }

  async list(bucket: string, { prefix, after, behind, limit }: Stretch): Promise<Blob[]> {
    const end = successor(prefix)
    const start = behind === undefined ? '' : successor(behind)
    if (start === undefined) return []
    const rows = this.sql.rows(
      `select shown from blob where tenant = ? and bucket = ? and id >= max(?, ?)
       ${after === undefined ? '' : 'and id > ?'} ${end === undefined ? '' : 'and id < ?'} order by id limit ?`,
      this.tenantOf(),
      bucket,
      prefix,
      start,
      ...(after === undefined ? [] : [after]),
      ...(end === undefined ? [] : [end]),
      limit,
    )
    return rows.map(row => parse(row[0]))
  }

  async open(bucket: string, id: string): Promise<{ blob: Blob; content: OpenContent } | undefined> {
    const row = this.sql.row('select content, shown from blob where tenant = ? and bucket = ? and id = ?', this.tenantOf(), bucket, id)
    return row === undefined ? undefined : { blob: parse(row[1]), content: await this.content(String(row[0])) }
  }

  async upload(bucket: string, upload: string): Promise<PendingUpload | undefined> {
    const row = this.sql.row('select pending from upload where tenant = ? and bucket = ? and upload = ?', this.tenantOf(), bucket, upload)
    return row === undefined ? undefined : parse(row[0])
  }

  async parts(bucket: string, upload: string): Promise<UploadedPart[]> {
    return this.sql
      .rows('select shown from part where tenant = ? and bucket = ? and upload = ? order by number', this.tenantOf(), bucket, upload)
      .map(row => parse(row[0]))
  }

  async openPart(bucket: string, upload: string, number: number): Promise<OpenContent | undefined> {
    const sql = 'select content from part where tenant = ? and bucket = ? and upload = ? and number = ?'
    const row = this.sql.row(sql, this.tenantOf(), bucket, upload, number)
    return row === undefined ? undefined : this.content(String(row[0]))
  }

  async put(blob: Blob, content?: Incoming): Promise<void> {
    const tenant = this.tenantOf()
    const { bucketId, id } = blob
    if (content === undefined) {
      this.sql.run('update blob set shown = ? where tenant = ? and bucket = ? and id = ?', JSON.stringify(blob), tenant, bucketId, id)
      return
    }
    const old = this.sql.row('select content from blob where tenant = ? and bucket = ? and id = ?', tenant, bucketId, id)
    this.keep(content)
    this.sql.run(
      `insert into blob values (?, ?, ?, ?, ?)
       on conflict (tenant, bucket, id) do update set content = excluded.content, shown = excluded.shown`,
      tenant,
      bucketId,
      id,
      content.hash,
      JSON.stringify(blob),
    )
    this.release(old)
  }

  async remove(bucket: string, id: string): Promise<void> {
    this.work.purpose.removes = true
    this.release(this.sql.row('delete from blob where tenant = ? and bucket = ? and id = ? returning content', this.tenantOf(), bucket, id))
  }

  async begin(bucket: string, upload: string, pending: PendingUpload): Promise<void> {
    this.sql.run('insert into upload values (?, ?, ?, ?)', this.tenantOf(), bucket, upload, JSON.stringify(pending))
  }

  async putPart(bucket: string, upload: string, part: UploadedPart, content: Incoming): Promise<void> {
    const key = [this.tenantOf(), bucket, upload, part.number] as const
    const old = this.sql.row('select content from part where tenant = ? and bucket = ? and upload = ? and number = ?', ...key)
    this.keep(content)
    this.sql.run(
      `insert into part values (?, ?, ?, ?, ?, ?)
       on conflict (tenant, bucket, upload, number) do update set content = excluded.content, shown = excluded.shown`,
      ...key,
      content.hash,
      JSON.stringify(part),
    )
    this.release(old)
  }

  async end(bucket: string, upload: string): Promise<void> {
    this.work.purpose.removes = true
    const key = [this.tenantOf(), bucket, upload] as const
    this.sql.run('delete from upload where tenant = ? and bucket = ? and upload = ?', ...key)
    for (const row of this.sql.rows('delete from part where tenant = ? and bucket = ? and upload = ? returning content', ...key))
      this.release(row)
  }

  async endAll(bucket: string): Promise<void> {
    const uploads = this.sql.rows('select upload from upload where tenant = ? and bucket = ?', this.tenantOf(), bucket)
    for (const row of uploads) await this.end(bucket, String(row[0]))
  }

  private keep(content: Incoming): void {
    const { hash, size, bytes } = content
    const isNew = this.sql.row('select 1 from content where hash = ?', hash) === undefined
    if (isNew) {
      this.sql.run('insert into content values (?, ?, 1, ?)', hash, size, bytes ?? null)
      if (bytes === undefined) {
        this.work.arrived.push(content)
        this.work.strays.add(hash)
      }
    } else {
      this.sql.run('update content set refs = refs + 1 where hash = ?', hash)
    }
  }

  private release(row: Row | undefined): void {
    if (row === undefined) return
    const hash = String(row[0])
    const left = this.sql.row('update content set refs = refs - 1 where hash = ? returning refs, bytes is null', hash)
    if (left === undefined || Number(left[0]) > 0) return
    this.sql.run('delete from content where hash = ?', hash)
    if (left[1] === 1) this.work.strays.add(hash)
  }

  private async content(hash: string): Promise<OpenContent> {
    const row = this.sql.row('select size, bytes from content where hash = ?', hash)
    if (row === undefined) throw damagedContent(`The content ${hash} is missing in ${this.sql.place}`)
    const [size, bytes] = row
    return bytes instanceof Uint8Array ? openBytes(verified(bytes, hash, this.sql.place)) : this.work.contents.open(hash, Number(size))
  }
}
