import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * What javac finds, asked as a library: lines of KIND, FILE, LINE and the first line of its message, between tabs.
 */
class Compiler {
    public static void main(String[] arguments) throws Exception {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var told = new DiagnosticCollector<JavaFileObject>();
        var files = compiler.getStandardFileManager(told, Locale.ENGLISH, null);
        var named = new ArrayList<Path>();
        for (var name : Files.readAllLines(Path.of(arguments[0]))) named.add(Path.of(name));
        var options = List.of(arguments).subList(1, arguments.length);
        var sources = files.getJavaFileObjectsFromPaths(named);
        compiler.getTask(null, files, told, options, null, sources).call();
        for (var one : told.getDiagnostics()) {
            var source = one.getSource() == null ? "" : one.getSource().getName();
            var message = one.getMessage(Locale.ENGLISH).split("\n")[0];
            System.out.println(one.getKind() + "\t" + source + "\t" + one.getLineNumber() + "\t" + message);
        }
    }
}
