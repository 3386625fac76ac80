package org.lowrank.report.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;

/**
 * The house style of all charts: no background of their own and colours that can be read on white
 * and on black, so that no white block stands in a dark page; pictures have two dots where the page
 * has one.
 */
public final class ChartStyle {

    /** Dots of a picture for one of the page. */
    static final int DENSITY = 2;

    /**
     * Words, axes and the line that others are compared with: as dark on white as bright on black.
     */
    static final Color INK = new Color(0x7D7D7D);

    static final Color NOTHING = new Color(0, 0, 0, 0);

    /**
     * Hues of Okabe and Ito, told apart with every kind of colour blindness, darkened where they
     * vanish on white and lightened where they vanish on black.
     */
    static final List<Color> COLOURS =
            List.of(
                    new Color(0x2A85C7),
                    new Color(0xD9651A),
                    new Color(0x12996F),
                    new Color(0xB8619B),
                    INK,
                    new Color(0xB08000),
                    new Color(0x46A6DE));

    private static final Color GRID = new Color(128, 128, 128, 56);

    private ChartStyle() {}

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    static void apply(AxesChartStyler styler) {
        styler.setLocale(Locale.ROOT);
        styler.setChartBackgroundColor(NOTHING);
        styler.setPlotBackgroundColor(NOTHING);
        styler.setLegendBackgroundColor(NOTHING);
        styler.setLegendBorderColor(NOTHING);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(GRID);
        styler.setChartFontColor(INK);
        styler.setChartTitleFontColor(INK);
        styler.setXAxisTitleColor(INK);
        styler.setYAxisTitleColor(INK);
        styler.setAxisTickLabelsColor(INK);
        styler.setXAxisTickLabelsColor(INK);
        styler.setYAxisTickLabelsColor(INK);
        styler.setAxisTickMarksColor(INK);
        styler.setChartTitleFont(font(Font.BOLD, 15));
        styler.setAxisTitleFont(font(Font.PLAIN, 13));
        styler.setAxisTickLabelsFont(font(Font.PLAIN, 12));
        styler.setLegendFont(font(Font.PLAIN, 12));
    }

    /** The chart as a picture without background, at twice the density. */
    public static BufferedImage picture(IChart chart) {
        int width = chart.getWidth();
        int height = chart.getHeight();
        var image =
                new BufferedImage(DENSITY * width, DENSITY * height, BufferedImage.TYPE_INT_ARGB);
        var graphics = image.createGraphics();
        graphics.scale(DENSITY, DENSITY);
        smooth(graphics);
        chart.paint(graphics, width, height);
        graphics.dispose();
        return FewColours.of(image);
    }

    static void smooth(Graphics2D graphics) {
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    }
}
