package org.lowrank.report.picture;

import static org.lowrank.report.picture.Drawing.BLUE;
import static org.lowrank.report.picture.Drawing.GREEN;
import static org.lowrank.report.picture.Drawing.GREY;
import static org.lowrank.report.picture.Drawing.ORANGE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.linalg.EigenSylvester;
import org.lowrank.linalg.Gram;
import org.lowrank.report.picture.Drawing.Point;

/** The pictures of the course, by the names of their files. */
public final class MethodFigures {

    private MethodFigures() {}

    /** The text of every SVG, by its file name without the ending. */
    public static Map<String, String> all() {
        var figures = new TreeMap<String, String>();
        figures.put("update", update().svg());
        figures.put("projection", projection().svg());
        figures.put("half_steps", halfSteps().svg());
        figures.put("sylvester", sylvester().svg());
        figures.put("momentum", momentum().svg());
        return figures;
    }

    /** Writes all of them into a folder. */
    public static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (var figure : all().entrySet()) {
            Files.writeString(
                    folder.resolve(figure.getKey() + ".svg"),
                    figure.getValue(),
                    StandardCharsets.UTF_8);
        }
    }

    /** W = W₀ + s B A: what is frozen, what is trained. */
    private static Drawing update() {
        var d =
                new Drawing(
                        720,
                        250,
                        "A square W0 that is frozen, plus s times a tall thin B times a wide flat A:"
                                + " B has m rows and r columns, A has r rows and n columns, and only"
                                + " these two are trained.");
        rectangle(d, GREY, 20, 50, 150, 150, "W", "m × n");
        d.words(new Point(196, 132), GREY, "=");
        rectangle(d, GREY, 222, 50, 150, 150, "W₀", "frozen");
        d.words(new Point(410, 132), GREY, "+   s ·");
        rectangle(d, BLUE, 450, 50, 34, 150, "B", "m × r, starts at 0");
        d.words(new Point(507, 132), GREY, "·");
        rectangle(d, ORANGE, 530, 108, 150, 34, "A", "r × n, starts at random");
        return d;
    }

    private static void rectangle(
            Drawing d,
            String colour,
            double x,
            double y,
            double w,
            double h,
            String name,
            String text) {
        var corner = new Point(x, y);
        d.area(colour, 0.25, corner, corner.plus(w, 0), corner.plus(w, h), corner.plus(0, h));
        d.words(corner.plus(w / 2, h / 2 + 6), colour, name);
        d.words(corner.plus(w / 2, h + 24), colour, text);
    }

    /** g, the plane of all s B gᴬ + s gᴮ A, and the projection on it. */
    private static Drawing projection() {
        var d =
                new Drawing(
                        720,
                        330,
                        "The gradient g stands up from a plane, the set of all B H + G A. LoRA-Pro's"
                                + " equivalent gradient is the foot of the perpendicular from g;"
                                + " LoRA's lies in the plane too, elsewhere and of another length.");
        var origin = new Point(170, 235);
        d.area(
                GREY,
                0.15,
                new Point(30, 285),
                new Point(190, 165),
                new Point(690, 165),
                new Point(530, 285));
        var foot = new Point(410, 215);
        var tip = new Point(410, 60);
        d.dashed(tip, foot, GREY);
        d.arrow(origin, new Point(560, 262), ORANGE);
        d.arrow(origin, foot, BLUE);
        d.arrow(origin, tip, GREEN);
        d.dot(origin, GREY);
        d.words(origin.plus(-16, 22), GREY, "W");
        d.wordsFrom(tip.plus(12, 4), GREEN, "g, the step of full fine-tuning");
        d.wordsFrom(new Point(422, 130), GREY, "(I − P_B) g (I − P_A), out of reach");
        d.wordsFrom(foot.plus(10, 2), BLUE, "LoRA-Pro: P_B g + g P_A − P_B g P_A");
        d.wordsFrom(new Point(566, 252), ORANGE, "LoRA's g̃");
        d.wordsFrom(new Point(40, 312), GREY, "the plane of all steps of A and B: { B H + G A }");
        return d;
    }

    /** A pass of AltLoRA and a step of LoRA-Pro on a quadratic loss, drawn to scale. */
    private static Drawing halfSteps() {
        double overlap = 0.6; // of the unit directions in which A and B move W
        var d =
                new Drawing(
                        720,
                        330,
                        "Contours of a quadratic loss over the part of A and the part of B. An A-step"
                                + " goes along the first axis to the lowest point of its line, the"
                                + " B-step from there along the second axis; LoRA-Pro's step goes"
                                + " straight to the minimum.");
        var centre = new Point(400, 155);
        double unit = 78;
        for (double level : new double[] {0.2, 0.8, 1.8}) {
            d.curve(ellipse(centre, unit, overlap, level), GREY, 1);
        }
        var start = new double[] {-1.9, -0.75};
        double afterA = -overlap * start[1]; // lowest point of ½(x² + 2·overlap·x·y + y²) over x
        double afterB = -overlap * afterA;
        d.arrow(place(centre, unit, start[0], start[1]), centre, BLUE);
        d.arrow(
                place(centre, unit, start[0], start[1]),
                place(centre, unit, afterA, start[1]),
                ORANGE);
        d.arrow(place(centre, unit, afterA, start[1]), place(centre, unit, afterA, afterB), GREEN);
        d.dot(place(centre, unit, start[0], start[1]), GREY);
        d.words(place(centre, unit, start[0], start[1]).plus(-30, 6), GREY, "start");
        d.words(
                place(centre, unit, -0.9, start[1]).plus(0, 26),
                ORANGE,
                "A-step: W moves along P_B g");
        d.wordsFrom(
                place(centre, unit, afterA, -0.5).plus(14, 8),
                GREEN,
                "B-step, fresh g′: along g′ P_A");
        d.words(place(centre, unit, -2.4, 0.05), BLUE, "LoRA-Pro, one step");
        d.wordsFrom(new Point(20, 318), GREY, "what A contributes to W →");
        d.wordsFrom(new Point(20, 24), GREY, "↑ what B contributes");
        return d;
    }

    private static List<Point> ellipse(Point centre, double unit, double overlap, double level) {
        var points = new ArrayList<Point>();
        double along = Math.sqrt(level / (1 + overlap));
        double across = Math.sqrt(level / (1 - overlap));
        for (int i = 0; i <= 72; i++) {
            double u = along * Math.cos(i * Math.PI / 36);
            double v = across * Math.sin(i * Math.PI / 36);
            points.add(place(centre, unit, (u + v) / Math.sqrt(2), (u - v) / Math.sqrt(2)));
        }
        return points;
    }

    private static Point place(Point centre, double unit, double x, double y) {
        return centre.plus(unit * x, -unit * y);
    }

    /** One entry of X between two springs; the lowest point is the library's solution. */
    private static Drawing sylvester() {
        double lambda = 1;
        double mu = 3;
        double y = 1.5;
        double x =
                new EigenSylvester()
                        .factor(gram(lambda), gram(mu))
                        .solve(scalar(-mu * y))
                        .orThrow()
                        .get(0, 0);
        var d =
                new Drawing(
                        720,
                        330,
                        "Two parabolas over one entry of X: a flat one around 0, where the step of B is"
                                + " shortest, and a steep one around minus y, where the step of A is"
                                + " shortest. Their sum is lowest at Sylvester's X, nearer to the"
                                + " steeper one; zero and the symmetric choice are marked too.");
        d.line(new Point(40, 280), new Point(680, 280), GREY);
        parabola(d, v -> 0.5 * lambda * v * v, BLUE, 2);
        parabola(d, v -> 0.5 * mu * (v + y) * (v + y), ORANGE, 2);
        parabola(d, v -> 0.5 * lambda * v * v + 0.5 * mu * (v + y) * (v + y), GREEN, 3);
        mark(d, 0, BLUE, "0: zero");
        mark(d, -y / 2, GREY, "−y/2: symmetric");
        mark(d, -y, ORANGE, "−y");
        double height = 0.5 * lambda * x * x + 0.5 * mu * (x + y) * (x + y);
        d.dashed(onAxes(x, 0), onAxes(x, height), GREEN);
        d.dot(onAxes(x, height), GREEN);
        d.words(onAxes(x, height).plus(0, -14), GREEN, "Sylvester");
        d.wordsFrom(new Point(540, 190), BLUE, "½ λᵢ x²: B's step");
        d.words(new Point(76, 245), ORANGE, "½ μⱼ (x + y)²: A's step");
        d.wordsFrom(new Point(520, 60), GREEN, "their sum");
        d.wordsFrom(new Point(520, 322), GREY, "one entry x of UᵀXV →");
        return d;
    }

    private static void parabola(
            Drawing d, DoubleUnaryOperator f, String colour, double thickness) {
        var points = new ArrayList<Point>();
        for (int i = 0; i <= 120; i++) {
            double v = -3.2 + i * 0.04;
            if (f.applyAsDouble(v) < 4.6) {
                points.add(onAxes(v, f.applyAsDouble(v)));
            }
        }
        d.curve(points, colour, thickness);
    }

    private static void mark(Drawing d, double x, String colour, String text) {
        d.line(onAxes(x, -0.1), onAxes(x, 0.1), colour);
        d.words(onAxes(x, 0).plus(0, 24), colour, text);
    }

    private static Point onAxes(double x, double value) {
        return new Point(470 + 145 * x, 280 - 57 * value);
    }

    private static Gram gram(double value) {
        return new Gram(scalar(value));
    }

    private static DMatrixRMaj scalar(double value) {
        return new DMatrixRMaj(new double[][] {{value}});
    }

    /** Momentum on a subspace that turns: what is kept, and what leaves it. */
    private static Drawing momentum() {
        var d =
                new Drawing(
                        720,
                        330,
                        "Two lines through one point, the old and the new columns of B. The old momentum"
                                + " lies on the old line. Aligned, it is projected at a right angle on"
                                + " the new line, and the rest is lost; not aligned, it keeps its"
                                + " numbers and is as long as before on the new line.");
        var origin = new Point(120, 285);
        double old = -Math.toRadians(38);
        double turned = -Math.toRadians(8);
        double length = 330;
        d.dashed(origin.at(old + Math.PI, 40), origin.at(old, 400), GREY);
        d.dashed(origin.at(turned + Math.PI, 60), origin.at(turned, 560), GREY);
        var tip = origin.at(old, length);
        var aligned = origin.at(turned, length * Math.cos(old - turned));
        d.dashed(tip, aligned, GREY);
        d.arrow(origin, origin.at(turned, length).plus(1.4, 10), ORANGE);
        d.arrow(origin, tip, BLUE);
        d.arrow(origin, aligned, GREEN);
        d.dot(origin, GREY);
        d.words(tip.plus(-150, 40), BLUE, "old meaning: s B_o M");
        d.wordsFrom(aligned.plus(6, -80), GREY, "lost: it left the subspace");
        d.words(aligned.plus(-90, -14), GREEN, "aligned: s B M̃");
        d.wordsFrom(origin.at(turned, length).plus(-40, 36), ORANGE, "not aligned: s B M");
        d.wordsFrom(origin.at(old, 400).plus(8, 4), GREY, "columns of the old B_o");
        d.wordsFrom(new Point(545, 260), GREY, "columns of the new B");
        return d;
    }
}
