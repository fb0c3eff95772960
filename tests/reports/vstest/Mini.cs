// The smallest test framework that VSTest takes: public methods with [Test] are run.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Adapter;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Logging;

public class TestAttribute : Attribute { }

[FileExtension(".dll"), DefaultExecutorUri(Where), ExtensionUri(Where)]
public class Mini : ITestDiscoverer, ITestExecutor
{
    const string Where = "executor://mini";

    static IEnumerable<(TestCase, MethodInfo)> Found(string source) =>
        from type in Assembly.LoadFrom(source).GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttribute<TestAttribute>() != null
        select (new TestCase($"{type.FullName}.{method.Name}", new Uri(Where), source), method);

    public void DiscoverTests(IEnumerable<string> sources, IDiscoveryContext context,
        IMessageLogger logger, ITestCaseDiscoverySink sink)
    {
        foreach (var (test, _) in sources.SelectMany(Found)) sink.SendTestCase(test);
    }

    public void RunTests(IEnumerable<TestCase> tests, IRunContext context, IFrameworkHandle told) =>
        RunTests(tests.Select(test => test.Source).Distinct(), context, told);

    public void RunTests(IEnumerable<string> sources, IRunContext context, IFrameworkHandle told)
    {
        foreach (var (test, method) in sources.SelectMany(Found)) told.RecordResult(Run(test, method));
    }

    public void Cancel() { }

    static TestResult Run(TestCase test, MethodInfo method)
    {
        var result = new TestResult(test) { Outcome = TestOutcome.Passed };
        result.Duration = TimeSpan.FromMilliseconds(method.Name.Contains("Long") ? 62012 : 12);
        try
        {
            method.Invoke(Activator.CreateInstance(method.DeclaringType), null);
        }
        catch (TargetInvocationException thrown)
        {
            result.Outcome = TestOutcome.Failed;
            result.ErrorMessage = thrown.InnerException.Message;
            result.ErrorStackTrace = thrown.InnerException.StackTrace;
            result.Messages.Add(new TestResultMessage(TestResultMessage.StandardOutCategory, "loud\n"));
        }
        return result;
    }
}
