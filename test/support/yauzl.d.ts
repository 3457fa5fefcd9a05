/** What the tests use of yauzl, which comes without types: https://github.com/thejoshwolfe/yauzl#usage */
declare module "yauzl" {
  export interface Entry {
    readonly fileName: string;
  }
  export interface ZipFile {
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<NodeJS.ReadableStream>;
  }
  export function openPromise(path: string): Promise<ZipFile>;
}
