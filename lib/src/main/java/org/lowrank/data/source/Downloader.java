package org.lowrank.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.lowrank.engine.Checksums;

/**
 * Downloads one file at a time over HTTP. What has come is kept in {@code NAME.part} beside the
 * target, so that a broken download goes on where it stopped; the target appears at once and whole,
 * after its size and SHA-256 are right.
 */
public final class Downloader {

    private static final int PIECE = 1 << 16;

    private final DownloadProgress progress;

    public Downloader(DownloadProgress progress) {
        this.progress = progress;
    }

    /**
     * Puts the file at {@code target}; does nothing if it is there with the right size and hash.
     *
     * @throws DownloadException if the server cannot be reached, answers with an error, or sends
     *     something else than expected; if the disk is full; if another run is downloading it
     */
    public void fetch(RemoteFile file, Path target) throws IOException {
        if (isThere(file, target)) {
            return;
        }
        Files.createDirectories(target.toAbsolutePath().getParent());
        var part = target.resolveSibling(target.getFileName() + ".part");
        try (var channel =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            lock(channel, file, part);
            requireRoom(file, part, channel.size());
            var continued = channel.size() > 0;
            receive(file, channel);
            if (continued && !hashFits(file, channel)) {
                // The file may have changed since its first part came: once more from the start.
                channel.truncate(0);
                receive(file, channel);
            }
            requireHash(file, channel);
        }
        Files.move(
                part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isThere(RemoteFile file, Path target) throws IOException {
        return Files.isRegularFile(target)
                && (file.bytes() == null || Files.size(target) == file.bytes())
                && (file.sha256() == null || Checksums.of(target).equals(file.sha256()));
    }

    /** Locks the part against other runs; the lock goes when the channel is closed. */
    private static void lock(FileChannel channel, RemoteFile file, Path part) throws IOException {
        Exception cause = null;
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            cause = e;
        }
        throw new DownloadException(
                file.url() + " is being downloaded already, by another run, into " + part, cause);
    }

    private static void requireRoom(RemoteFile file, Path part, long already) throws IOException {
        var free = Files.getFileStore(part).getUsableSpace();
        if (file.bytes() != null && file.bytes() - already > free) {
            throw new DownloadException(
                    ("%s has %s bytes, but %s has room for %s; free some, or name another"
                                    + " folder by LOWRANK_DATA")
                            .formatted(file.url(), file.bytes(), part.getParent(), free));
        }
    }

    private void receive(RemoteFile file, FileChannel channel) throws IOException {
        if (file.bytes() != null && channel.size() >= file.bytes()) {
            // All of it came before; the hash will tell.
            return;
        }
        var answer = ask(file, channel);
        try (var body = answer.body()) {
            channel.truncate(answer.start()).position(answer.start());
            progress.report(file.url(), answer.start(), answer.total());
            var piece = new byte[PIECE];
            for (var n = body.read(piece); n >= 0; n = body.read(piece)) {
                write(file, channel, ByteBuffer.wrap(piece, 0, n));
                progress.report(file.url(), channel.position(), answer.total());
            }
        } catch (DownloadException e) {
            throw e;
        } catch (IOException e) {
            throw new DownloadException(brokeOff(file, channel) + " (" + e.getMessage() + ")", e);
        }
        if (channel.size() < answer.total()) {
            throw new DownloadException(brokeOff(file, channel));
        }
    }

    private static RangeRequest.Answer ask(RemoteFile file, FileChannel channel)
            throws IOException {
        try {
            return new RangeRequest(file, channel.size()).send();
        } catch (RangeRequest.CannotContinue e) {
            channel.truncate(0);
            return new RangeRequest(file, 0).send();
        }
    }

    private static void write(RemoteFile file, FileChannel channel, ByteBuffer piece)
            throws IOException {
        try {
            while (piece.hasRemaining()) {
                channel.write(piece);
            }
        } catch (IOException e) {
            throw new DownloadException(
                    "cannot write what came from %s after %s bytes, which are kept: %s"
                            .formatted(file.url(), channel.size(), e.getMessage()),
                    e);
        }
    }

    private static String brokeOff(RemoteFile file, FileChannel channel) throws IOException {
        return file.url()
                + " broke off after "
                + channel.size()
                + (file.bytes() == null ? "" : " of " + file.bytes())
                + " bytes, which are kept; run it again to go on from there";
    }

    private static boolean hashFits(RemoteFile file, FileChannel channel) throws IOException {
        return file.sha256() == null || hash(channel).equals(file.sha256());
    }

    private static void requireHash(RemoteFile file, FileChannel channel) throws IOException {
        if (!hashFits(file, channel)) {
            var hash = hash(channel);
            channel.truncate(0);
            throw new DownloadException(
                    file.url()
                            + " came whole but with other content: SHA-256 "
                            + hash
                            + ", expected "
                            + file.sha256()
                            + ". It was dropped; it may have been altered on the way, or replaced"
                            + " by another version at its source");
        }
    }

    /** Read through the locked channel itself, as some systems let no other handle read it. */
    private static String hash(FileChannel channel) throws IOException {
        var digest = Checksums.digest();
        var piece = ByteBuffer.allocate(PIECE);
        for (long at = 0, n; (n = channel.read(piece, at)) > 0; at += n) {
            digest.update(piece.flip());
            piece.clear();
        }
        return Checksums.hex(digest);
    }
}
