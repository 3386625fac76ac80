package org.lowrank.report.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures in rows, each with a line of text below it. */
public final class PictureGrid {

    private static final int SIDE = 84;
    private static final int GAP = 10;
    private static final int TEXT = 16;
    private static final int LETTERS = 16;

    /** A red that is read on white and on black. */
    private static final Color MARKED = new Color(0xD24B40);

    private record Cell(BufferedImage picture, String caption, Color colour) {}

    private final int columns;
    private final List<Cell> cells = new ArrayList<>();

    /**
     * @param columns pictures in a row
     */
    public PictureGrid(int columns) {
        this.columns = columns;
    }

    /**
     * Adds a picture.
     *
     * @param caption of few words, cut where it is too long
     * @param marked whether the caption is red
     */
    public PictureGrid add(BufferedImage picture, String caption, boolean marked) {
        var shown = caption.length() > LETTERS ? caption.substring(0, LETTERS - 1) + "…" : caption;
        cells.add(new Cell(picture, shown, marked ? MARKED : ChartStyle.INK));
        return this;
    }

    /** The grid, nothing behind, as charts. */
    public BufferedImage image() {
        int rows = (cells.size() + columns - 1) / columns;
        int width = columns * (SIDE + GAP) + GAP;
        int height = rows * (SIDE + TEXT + GAP) + GAP;
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        var graphics = image.createGraphics();
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        graphics.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int i = 0; i < cells.size(); i++) {
            int x = GAP + i % columns * (SIDE + GAP);
            int y = GAP + i / columns * (SIDE + TEXT + GAP);
            draw(graphics, cells.get(i), x, y);
        }
        graphics.dispose();
        return image;
    }

    private static void draw(Graphics2D graphics, Cell cell, int x, int y) {
        graphics.drawImage(cell.picture(), x, y, SIDE, SIDE, null);
        graphics.setColor(cell.colour());
        int room = SIDE - graphics.getFontMetrics().stringWidth(cell.caption());
        graphics.drawString(cell.caption(), x + Math.max(0, room / 2), y + SIDE + TEXT - 4);
    }
}
