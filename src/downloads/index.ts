// Downloads own how a stored file gets out over HTTP: the route that asks for the key, answers with a tag, a length and
// parts, and streams, and archives of several files. Which file it is, and who may have it, the feature says.
export { downloadRoute, type Download, type DownloadFile } from './download.route';
export { slugOf } from './file-name';
export { archiveFileOf, tarOf, type ArchiveFile } from './tar';
