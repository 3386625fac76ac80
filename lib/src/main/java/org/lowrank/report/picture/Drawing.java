package org.lowrank.report.picture;

import java.util.Locale;

/**
 * An SVG in the making: lines, arrows, curves and words on no background, in colours that can be
 * read on white and on black.
 */
final class Drawing {

    static final String BLUE = "#2a85c7";
    static final String ORANGE = "#d9651a";
    static final String GREEN = "#12996f";
    static final String GREY = "#7d7d7d";

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;
    private final String alternative;

    /**
     * @param alternative what a reader who cannot see the picture is told
     */
    Drawing(int width, int height, String alternative) {
        this.width = width;
        this.height = height;
        this.alternative = alternative;
    }

    Drawing line(Point from, Point to, String colour) {
        return stroke("M" + from + "L" + to, colour, 2, "");
    }

    Drawing dashed(Point from, Point to, String colour) {
        return stroke("M" + from + "L" + to, colour, 1.5, " stroke-dasharray=\"6 4\"");
    }

    /** A line with a head at its end. */
    Drawing arrow(Point from, Point to, String colour) {
        double angle = Math.atan2(to.y() - from.y(), to.x() - from.x());
        var left = to.at(angle + Math.PI - 0.42, 12);
        var right = to.at(angle + Math.PI + 0.42, 12);
        stroke("M" + from + "L" + to.at(angle + Math.PI, 8), colour, 3, "");
        return fill("M" + to + "L" + left + "L" + right + "Z", colour, 1);
    }

    /** A line through many points. */
    Drawing curve(Iterable<Point> points, String colour, double thickness) {
        var path = new StringBuilder();
        for (var point : points) {
            path.append(path.isEmpty() ? "M" : "L").append(point);
        }
        return stroke(path.toString(), colour, thickness, "");
    }

    /** A filled outline. */
    Drawing area(String colour, double opacity, Point... corners) {
        var path = new StringBuilder();
        for (var corner : corners) {
            path.append(path.isEmpty() ? "M" : "L").append(corner);
        }
        return fill(path.append('Z').toString(), colour, opacity);
    }

    Drawing dot(Point at, String colour) {
        body.append(
                line("<circle cx=\"%s\" cy=\"%s\" r=\"5\" fill=\"%s\"/>%n", at.x, at.y, colour));
        return this;
    }

    /** Words around a point; a letter after an underscore is set low. */
    Drawing words(Point at, String colour, String text) {
        return words(at, colour, text, "middle");
    }

    /** Words that begin at a point. */
    Drawing wordsFrom(Point at, String colour, String text) {
        return words(at, colour, text, "start");
    }

    private Drawing words(Point at, String colour, String text, String anchor) {
        var spans =
                text.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replaceAll(
                                "_(.)",
                                "<tspan dy=\"4\" font-size=\"11\">$1</tspan><tspan dy=\"-4\">​</tspan>");
        body.append(
                line(
                        "<text x=\"%s\" y=\"%s\" fill=\"%s\" text-anchor=\"%s\">%s</text>%n",
                        at.x, at.y, colour, anchor, spans));
        return this;
    }

    private Drawing stroke(String path, String colour, double thickness, String more) {
        body.append(
                line(
                        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s/>%n",
                        path, colour, thickness, more));
        return this;
    }

    private Drawing fill(String path, String colour, double opacity) {
        body.append(
                line("<path d=\"%s\" fill=\"%s\" fill-opacity=\"%s\"/>%n", path, colour, opacity));
        return this;
    }

    /** The file's text. */
    String svg() {
        return line(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                        + " role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"15\">%n"
                        + "<title>%s</title>%n%s</svg>%n",
                width, height, width, height, alternative.replace("<", "&lt;"), body);
    }

    private static String line(String format, Object... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof Double number) {
                arguments[i] = Point.decimals(number);
            }
        }
        return String.format(Locale.ROOT, format.replace("%n", "\n"), arguments);
    }

    /** A place on the picture, in pixels from its upper left corner. */
    record Point(double x, double y) {

        /** The point at a distance in a direction. */
        Point at(double angle, double distance) {
            return new Point(x + distance * Math.cos(angle), y + distance * Math.sin(angle));
        }

        Point plus(double right, double down) {
            return new Point(x + right, y + down);
        }

        static String decimals(double value) {
            var text = String.format(Locale.ROOT, "%.1f", value);
            return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
        }

        @Override
        public String toString() {
            return decimals(x) + " " + decimals(y);
        }
    }
}
